package dev.countersign.image.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaLibraryTest {
  /** Also those whose jars do not tell: a new library needs a line in the table of groups. */
  @Test
  void everyLibraryThatThisModuleUses_isKnown() throws Exception {
    var unknown = new ArrayList<String>();
    for (String each : System.getProperty("java.class.path").split(":", -1)) {
      Path file = Path.of(each);
      boolean used =
          each.contains("bouncycastle")
              || each.contains("zstd-jni")
              || each.contains("/xz/")
              || each.contains("jackson")
              || each.contains("org/apache/commons")
              || each.contains("commons-io")
              || each.contains("packageurl")
              || each.contains("jspecify")
              || each.contains("snakeyaml");
      if (used && Files.isRegularFile(file) && JavaLibrary.read(each, file).isEmpty()) {
        unknown.add(each);
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void coordinates_areTheJarsOwn() throws Exception {
    for (String each : System.getProperty("java.class.path").split(":", -1)) {
      if (each.contains("jackson-databind-2")) {
        JavaLibrary library = JavaLibrary.read(each, Path.of(each)).orElseThrow();
        assertThat(library.purl())
            .startsWith("pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.");
        assertThat(library.licence()).contains("Apache-2.0");
        return;
      }
    }
    assertThat(List.of()).as("jackson-databind on the class path").isNotEmpty();
  }
}
