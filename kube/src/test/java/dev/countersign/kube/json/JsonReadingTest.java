package dev.countersign.kube.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times in objects of the API. */
class JsonReadingTest {
  private static Instant time(String json) throws IOException {
    return JsonReading.one(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), JsonReading::time);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-22T01:02:03Z, 1795309323",
    "2024-02-29T23:59:59Z, 1709251199",
    "1969-12-31T23:59:59Z, -1",
  })
  void time_ofWholeSeconds_isRead(String text, long seconds) throws IOException {
    assertThat(time('"' + text + '"')).isEqualTo(Instant.ofEpochSecond(seconds));
  }

  @Test
  void time_ofAnotherForm_isReadAsTheStandardDoes() throws IOException {
    assertThat(time("\"2026-11-22T01:02:03.250Z\""))
        .isEqualTo(Instant.ofEpochSecond(1_795_309_323L, 250_000_000));
    assertThat(time("\"2026-11-22T02:02:03+01:00\""))
        .isEqualTo(Instant.ofEpochSecond(1_795_309_323L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\""})
  void time_thatIsAbsent_isTheEpoch(String json) throws IOException {
    assertThat(time(json)).isEqualTo(Instant.EPOCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00z ",
        "٢٠٢٦-01-01T00:00:00Z",
        "yesterday",
      })
  void time_thatIsNone_isRefused(String text) {
    assertThatThrownBy(() -> time('"' + text + '"'))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("want a time");
  }
}
