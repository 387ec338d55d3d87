package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The Debian archives a host is set up for, read from apt's own files (sources.list(5), both
 * styles), so that a lock is made from the mirror the host's administrator chose.
 */
public record AptSources(List<Source> sources) {
  /** One archive: where, which suites, and the keyring its administrator named. */
  public record Source(URI uri, List<String> suites, Optional<Path> keyring) {
    public Source {
      suites = List.copyOf(suites);
    }
  }

  public AptSources {
    sources = List.copyOf(sources);
  }

  /**
   * Reads apt's directory, {@code /etc/apt} on a Debian host. A directory without files has no
   * source.
   */
  public static AptSources read(Path directory) throws IOException {
    var all = new ArrayList<Source>();
    Path list = directory.resolve("sources.list");
    if (Files.isRegularFile(list)) {
      all.addAll(parseLines(Files.readString(list)));
    }
    Path parts = directory.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      List<Path> files;
      try (Stream<Path> stream = Files.list(parts)) {
        files = stream.sorted().toList();
      }
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(".sources")) {
          all.addAll(parseStanzas(Files.readString(file)));
        } else if (name.endsWith(".list")) {
          all.addAll(parseLines(Files.readString(file)));
        }
      }
    }
    return new AptSources(all);
  }

  /** The style of {@code *.sources}. */
  public static List<Source> parseStanzas(String text) {
    var all = new ArrayList<Source>();
    for (Stanza stanza : Stanza.all(text)) {
      List<String> types = words(stanza.field("Types").orElse("deb"));
      if (!types.contains("deb") || stanza.field("Enabled").filter("no"::equals).isPresent()) {
        continue;
      }
      Optional<Path> keyring =
          stanza.field("Signed-By").filter(value -> value.startsWith("/")).map(Path::of);
      for (String uri : words(stanza.required("URIs"))) {
        all.add(new Source(uri("URIs", uri), words(stanza.required("Suites")), keyring));
      }
    }
    return all;
  }

  /** The style of {@code sources.list}: deb [options] uri suite components. */
  public static List<Source> parseLines(String text) {
    var all = new ArrayList<Source>();
    for (String line : text.lines().toList()) {
      String rest = line.strip();
      if (!rest.startsWith("deb ")) {
        continue;
      }
      rest = rest.substring(4).strip();
      Optional<Path> keyring = Optional.empty();
      if (rest.startsWith("[")) {
        int end = rest.indexOf(']');
        if (end < 0) {
          throw new ImageException("sources.list", line, "] after the options");
        }
        keyring =
            words(rest.substring(1, end)).stream()
                .filter(option -> option.startsWith("signed-by=/"))
                .map(option -> Path.of(option.substring("signed-by=".length())))
                .findFirst();
        rest = rest.substring(end + 1).strip();
      }
      List<String> words = words(rest);
      if (words.size() >= 2) {
        all.add(new Source(uri("sources.list", words.get(0)), List.of(words.get(1)), keyring));
      }
    }
    return all;
  }

  /**
   * Archives that hold suites of a kind: those of {@code *-security} suites are in an archive of
   * their own. Where nothing says which is which, the last segment of the address does.
   */
  public List<Source> archive(String name) {
    boolean security = name.endsWith("-security");
    Set<Source> found = new LinkedHashSet<>();
    for (Source each : sources) {
      String path = Optional.ofNullable(each.uri().getPath()).orElse("").replaceAll("/+$", "");
      boolean isSecurity =
          path.endsWith("-security")
              || each.suites().stream().allMatch(suite -> suite.endsWith("-security"));
      boolean isDebian = path.endsWith("/debian") || path.endsWith("-security");
      if (isDebian && isSecurity == security) {
        found.add(each);
      }
    }
    return List.copyOf(found);
  }

  private static URI uri(String name, String text) {
    try {
      return URI.create(text.replaceAll("/+$", ""));
    } catch (IllegalArgumentException unreadable) {
      throw (ImageException) new ImageException(name, text, "a URI").initCause(unreadable);
    }
  }

  private static List<String> words(String text) {
    return Stream.of(text.split("\\s+", -1)).filter(word -> !word.isEmpty()).toList();
  }
}
