package dev.countersign.scenarios.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The launcher starts an approver as the image does: what is measured with one holds for both. */
class ApproverOptionsTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void image_hasTheLaunchersOptions_andHalfOfTheLimitAsHeap() throws IOException {
    List<String> launcher =
        Stream.concat(
                options("countersign", "(?m)^jvm=\\((.*)\\)$"),
                options("countersign", "(?m)^ *\"approver \"\\*\\) jvm\\+=\\((.*)\\) ;;$"))
            .toList();
    List<String> image =
        options("examples/approver-image.yaml", "(?s)\n  entrypoint:\n(.*)\n  command:")
            .filter(it -> !it.contains("/opt/") && !it.startsWith("-Xlog:"))
            .filter(it -> !it.contains("useExternalLib"))
            .toList();

    assertThat(launcher).contains("-XX:+UseSerialGC", "-Xmx256m");
    assertThat(image).contains("-XX:MaxRAMPercentage=50");
    assertThat(image)
        .filteredOn(it -> !it.startsWith("-XX:MaxRAMPercentage"))
        .containsExactlyInAnyOrderElementsOf(
            launcher.stream().filter(it -> !it.startsWith("-Xmx")).toList());
  }

  private static Stream<String> options(String file, String pattern) throws IOException {
    Matcher found = Pattern.compile(pattern).matcher(Files.readString(ROOT.resolve(file)));
    assertThat(found.find()).as("%s: want %s", file, pattern).isTrue();
    return Pattern.compile("\\s+")
        .splitAsStream(found.group(1))
        .filter(it -> it.startsWith("-X") || it.matches("--?[a-zD].*"));
  }
}
