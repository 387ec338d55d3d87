package dev.countersign.image.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import dev.countersign.testkit.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DebianVersionTest {
  private static final String ALPHABET = "0019abZ.+-~";

  @ParameterizedTest
  @CsvSource({
    "1.0,           1.0-0,      0",
    "1.0~rc1,       1.0,       -1",
    "1.0~~,         1.0~,      -1",
    "1:0.1,         2.0,        1",
    "1.10,          1.9,        1",
    "1.0a,          1.0+,      -1",
    "007,           7,          0",
    "1.2-1+b10,     1.2-1+b2,   1",
    "2.41-12+deb13u4, 2.41-12,  1",
  })
  void versions_compare_asPolicySays(String left, String right, int order) {
    int found = DebianVersion.parse(left).compareTo(DebianVersion.parse(right));
    assertThat(Integer.signum(found)).isEqualTo(order);
    assertThat(Integer.signum(DebianVersion.parse(right).compareTo(DebianVersion.parse(left))))
        .isEqualTo(-order);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:1", ":1", "1_0", "1 0", "12345678901:1"})
  void text_thatIsNoVersion_isRefused(String text) {
    assertThatThrownBy(() -> DebianVersion.parse(text)).isInstanceOf(ImageException.class);
  }

  /** dpkg itself is the oracle: 3,000 pairs of short versions over the characters that matter. */
  @Test
  @RequiresTool("dpkg")
  void versions_compare_asDpkgSays() throws Exception {
    var random = new Random(42);
    var pairs = new ArrayList<List<String>>();
    while (pairs.size() < 3000) {
      pairs.add(List.of(version(random), version(random)));
    }
    var script = new StringBuilder();
    for (List<String> pair : pairs) {
      String left = pair.get(0);
      String right = pair.get(1);
      script.append(
          "if dpkg --compare-versions '%s' lt '%s'; then echo -1; elif dpkg --compare-versions '%s' gt '%s'; then echo 1; else echo 0; fi%n"
              .formatted(left, right, left, right));
    }
    Process process =
        new ProcessBuilder("sh").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (var in = process.getOutputStream()) {
                    in.write(script.toString().getBytes(StandardCharsets.UTF_8));
                  } catch (java.io.IOException closed) {
                    throw new java.io.UncheckedIOException(closed);
                  }
                });
    List<String> said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    writer.join();
    process.waitFor();
    assertThat(said).hasSameSizeAs(pairs);
    for (int i = 0; i < pairs.size(); i++) {
      DebianVersion left = DebianVersion.parse(pairs.get(i).get(0));
      DebianVersion right = DebianVersion.parse(pairs.get(i).get(1));
      assertThat(Integer.toString(Integer.signum(left.compareTo(right))))
          .as(pairs.get(i).toString())
          .isEqualTo(said.get(i));
      if (left.equals(right)) {
        assertThat(left).hasSameHashCodeAs(right);
      }
    }
  }

  private static String version(Random random) {
    var text = new StringBuilder();
    if (random.nextInt(5) == 0) {
      text.append(random.nextInt(3)).append(':');
    }
    text.append(random.nextInt(10));
    int length = random.nextInt(7);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.append(random.nextInt(10)).toString();
  }
}
