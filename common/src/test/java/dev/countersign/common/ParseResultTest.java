package dev.countersign.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ParseResultTest {
  @Test
  void orThrow_unreadable_saysWhatAndWhere() {
    ParseResult<String> reading = ParseResult.refused("key", "a header", "none");
    assertThatThrownBy(reading::orThrow)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key: got a header; want none");
  }

  @Test
  void orThrow_read_isTheValue() {
    assertThat(ParseResult.parsed("x").orThrow()).isEqualTo("x");
  }

  @Test
  void then_unreadable_staysUnreadable() {
    ParseResult<Integer> next =
        ParseResult.<String>refused("a", "b", "c").then(text -> ParseResult.parsed(text.length()));
    assertThat(next).isEqualTo(ParseResult.refused("a", "b", "c"));
    assertThat(ParseResult.parsed("four").then(text -> ParseResult.parsed(text.length())))
        .isEqualTo(ParseResult.parsed(4));
  }
}
