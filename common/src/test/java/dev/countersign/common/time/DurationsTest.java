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
  @CsvSource({"0s, 0s", "59s, 59s", "3661s, 1h1m1s", "90000s, 25h", "500ms, 0s", "86401s, 24h1s"})
  void format_hasHoursMinutesAndSeconds(String text, String format) {
    assertThat(Durations.format(Durations.parse(text).orElseThrow())).isEqualTo(format);
  }

  /** Each bound of HumanDuration, on both sides. */
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.999S, 0s",
    "PT119.9S, 119s",
    "PT2M, 2m",
    "PT2M5S, 2m5s",
    "PT9M59S, 9m59s",
    "PT10M59S, 10m",
    "PT2H59M59S, 179m",
    "PT3H, 3h",
    "PT7H59M, 7h59m",
    "PT8H1M, 8h",
    "PT47H59M, 47h",
    "PT48H, 2d",
    "PT51H, 2d3h",
    "PT191H, 7d23h",
    "PT192H, 8d",
    "PT17519H, 729d",
    "PT17520H, 2y",
    "PT17544H, 2y1d",
    "PT70079H, 7y364d",
    "PT70080H, 8y",
    "PT96360H, 11y"
  })
  void human_isAsKubectlShowsAges(Duration duration, String text) {
    assertThat(Durations.human(duration)).isEqualTo(text);
  }

  @Test
  void human_ofLessThanZero_isNothingWithinASecond_andInvalidBeyond() {
    assertThat(Durations.human(Duration.ofSeconds(-1))).isEqualTo("0s");
    assertThat(Durations.human(Duration.ofMillis(-1999))).isEqualTo("0s");
    assertThat(Durations.human(Duration.ofSeconds(-2))).isEqualTo("<invalid>");
  }
}
