package dev.countersign.image.fetch;

import dev.countersign.image.ImageException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where archives and upstream files are fetched from on this machine. Nothing of it enters a lock
 * or an image: digests say what content is, locations only where it may be found.
 *
 * @param mirrors the mirrors of each archive, in the order they are tried
 * @param upstreamBase replaces scheme, host and port of every upstream URL
 */
public record Locations(Map<String, List<URI>> mirrors, Optional<URI> upstreamBase) {
  public Locations {
    mirrors =
        mirrors.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, each -> List.copyOf(each.getValue())));
  }

  /** No location at all: what is not in the cache cannot be had. */
  public static Locations none() {
    return new Locations(Map.of(), Optional.empty());
  }

  /**
   * The addresses of a path of an archive.
   *
   * @throws ImageException where no mirror of the archive is known
   */
  public List<URI> inArchive(String archive, String path) {
    List<URI> bases = mirrors.getOrDefault(archive, List.of());
    if (bases.isEmpty()) {
      throw new ImageException(
          "archive " + archive,
          "no mirror",
          "at least one",
          "give --mirror " + archive + "=URL, or run on a host whose apt sources name one");
    }
    return bases.stream().map(base -> URI.create(withoutSlash(base) + "/" + path)).toList();
  }

  /** Addresses in the archive, or none where no mirror is known: enough for what is cached. */
  public List<URI> inArchiveIfKnown(String archive, String path) {
    return mirrors.getOrDefault(archive, List.of()).isEmpty()
        ? List.of()
        : inArchive(archive, path);
  }

  /** The address an upstream URL is fetched from. */
  public URI upstream(String url) {
    URI asLocked = URI.create(url);
    return upstreamBase
        .map(base -> URI.create(withoutSlash(base) + asLocked.getRawPath()))
        .orElse(asLocked);
  }

  private static String withoutSlash(URI base) {
    return base.toString().replaceAll("/+$", "");
  }
}
