package dev.countersign.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReadingTest {
  @Test
  void orThrow_unreadable_saysWhatAndWhere() {
    Reading<String> reading = Reading.unreadable("key", "a header", "none");
    assertThatThrownBy(reading::orThrow)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key: got a header; want none");
  }

  @Test
  void orThrow_read_isTheValue() {
    assertThat(Reading.read("x").orThrow()).isEqualTo("x");
  }

  @Test
  void then_unreadable_staysUnreadable() {
    Reading<Integer> next =
        Reading.<String>unreadable("a", "b", "c").then(text -> Reading.read(text.length()));
    assertThat(next).isEqualTo(Reading.unreadable("a", "b", "c"));
    assertThat(Reading.read("four").then(text -> Reading.read(text.length())))
        .isEqualTo(Reading.read(4));
  }
}
