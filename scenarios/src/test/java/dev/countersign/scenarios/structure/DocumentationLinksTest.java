package dev.countersign.scenarios.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link in a page leads to a file of the repository, and to a heading that it has. */
class DocumentationLinksTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NOT_READ = Set.of("target", ".git", "node_modules");

  /** A link or picture, as far as it is not an address on the web. */
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:|oci:|mailto:)([^)\\s#]*)(?:#([^)\\s]+))?\\)");

  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\n]+`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");

  @Test
  void everyLink_leadsSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll(""));
      while (link.find()) {
        Path target =
            link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
        if (!target.startsWith(ROOT) || !Files.exists(target)) {
          dead.add(ROOT.relativize(page) + ": " + link.group() + ": no such file");
        } else if (link.group(2) != null && !anchors(target).contains(link.group(2))) {
          dead.add(ROOT.relativize(page) + ": " + link.group() + ": no such heading");
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files =
        Files.find(
            ROOT,
            12,
            (path, attributes) -> attributes.isRegularFile() && path.toString().endsWith(".md"))) {
      return files
          .filter(
              path ->
                  Stream.of(ROOT.relativize(path).toString().split("/"))
                      .noneMatch(NOT_READ::contains))
          .toList();
    }
  }

  /** The fragments of a page's headings, as GitHub and the site make them. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    if (!page.toString().endsWith(".md")) {
      return anchors;
    }
    Matcher heading = HEADING.matcher(Files.readString(page));
    while (heading.find()) {
      String words = heading.group(1).replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
      anchors.add(
          words
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .strip()
              .replace(' ', '-'));
    }
    return anchors;
  }
}
