package dev.countersign.common.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "9ms, PT0.009S",
    "90s, PT90S",
    "10m, PT10M",
    "19h, PT19H",
    "1h30m, PT1H30M",
    "1m500ms, PT1M0.5S",
    "3d12h, PT84H",
    "1d1h1m1s1ms, PT25H1M1.001S",
    "999999999d, PT23999999976H"
  })
  void parse_readsEachUnitOnce(String text, Duration duration) {
    assertThat(Durations.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "-1s",
        "1.5h",
        "1 h",
        "1H",
        "30m1h",
        "1h1h",
        "1y",
        "1000000000s",
        "1/s",
        "1:s",
        "٣s"
      })
  void parse_ofAnythingElse_isEmpty(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0s, 0s, 0s",
    "59s, 59s, 59s",
    "3661s, 1h1m1s, 1h1m",
    "90000s, 25h, 1d1h",
    "500ms, 0s, 0s",
    "86401s, 24h1s, 1d"
  })
  void format_hasHours_andRounded_hasDays(String text, String format, String rounded) {
    Duration duration = Durations.parse(text).orElseThrow();
    assertThat(Durations.format(duration)).isEqualTo(format);
    assertThat(Durations.rounded(duration)).isEqualTo(rounded);
  }

  @Test
  void whatIsOver_isNothing() {
    assertThat(Durations.rounded(Duration.ofSeconds(-5))).isEqualTo("0s");
  }
}
