package dev.countersign.cli.image;

import dev.countersign.common.command.CliException;
import dev.countersign.image.debian.AptSources;
import dev.countersign.image.debian.Keyring;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.Locations;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where content comes from: the same for every command that fetches. */
final class SourceOptions {
  private static final Path APT = Path.of("/etc/apt");
  private static final Path DEBIAN_KEYRING =
      Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

  @Option(
      names = "--mirror",
      paramLabel = "[ARCHIVE=]URL",
      description = {
        "A mirror of a Debian archive; may be given more than once, tried in order. Without"
            + " ARCHIVE=",
        "it is the archive debian. Default: what this host's apt sources name."
      })
  private List<String> mirrors = new ArrayList<>();

  @Option(
      names = "--keyring",
      paramLabel = "FILE",
      description = "OpenPGP keys the archive may be signed with. Default: the Debian keyring.")
  private @Nullable Path keyringFile;

  @Option(
      names = "--upstream-base",
      paramLabel = "URL",
      description = "Fetch upstream files from here instead of the host in their URLs.")
  private @Nullable URI upstreamBase;

  @Option(
      names = "--inputs",
      paramLabel = "DIR",
      description = "The directory that the spec's own files are relative to.")
  private @Nullable Path inputsDirectory;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where verified downloads are kept. Default: countersign/image in the user's cache.")
  private @Nullable Path cacheDirectory;

  Fetcher fetcher() {
    return new Fetcher(EnvironmentProxies.of(System.getenv()));
  }

  ContentCache cache(Fetcher fetcher) {
    return new ContentCache(
        Optional.ofNullable(cacheDirectory).orElseGet(SourceOptions::userCache), fetcher);
  }

  Optional<Path> inputs() {
    return Optional.ofNullable(inputsDirectory);
  }

  Locations locations() throws CliException, IOException {
    Map<String, List<URI>> byArchive = new TreeMap<>();
    for (String each : mirrors) {
      int equals = each.indexOf('=');
      boolean named = equals > 0 && each.substring(0, equals).matches("[a-z0-9.-]+");
      String archive = named ? each.substring(0, equals) : "debian";
      String address = named ? each.substring(equals + 1) : each;
      if (!address.matches("(https?|file)://\\S+")) {
        throw CliException.usage(
            "--mirror: got " + each + "; want [ARCHIVE=]URL with http, https or file");
      }
      byArchive.computeIfAbsent(archive, _ -> new ArrayList<>()).add(URI.create(address));
    }
    AptSources apt = AptSources.read(APT);
    for (String archive : List.of("debian", "debian-security")) {
      if (!byArchive.containsKey(archive)) {
        List<URI> found =
            apt.archive(archive).stream().map(AptSources.Source::uri).distinct().toList();
        if (!found.isEmpty()) {
          byArchive.put(archive, new ArrayList<>(found));
        }
      }
    }
    return new Locations(Map.copyOf(byArchive), Optional.ofNullable(upstreamBase));
  }

  Optional<Keyring> keyring() throws IOException {
    if (keyringFile != null) {
      return Optional.of(Keyring.read(keyringFile));
    }
    Optional<Path> named =
        AptSources.read(APT).archive("debian").stream()
            .flatMap(each -> each.keyring().stream())
            .filter(Files::isReadable)
            .findFirst();
    Path file = named.orElse(DEBIAN_KEYRING);
    return Files.isReadable(file) ? Optional.of(Keyring.read(file)) : Optional.empty();
  }

  private static Path userCache() {
    String home = System.getenv("XDG_CACHE_HOME");
    Path base =
        home != null && home.startsWith("/")
            ? Path.of(home)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("countersign").resolve("image");
  }
}
