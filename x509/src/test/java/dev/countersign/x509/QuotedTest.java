package dev.countersign.x509;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "plain, `\"plain\"`",
        "`a\"b`, `\"a\\\"b\"`",
        "`a\\b`, `\"a\\\\b\"`",
        "`a\nb`, `\"a\\nb\"`",
        "`a\rb`, `\"a\\rb\"`",
        "`a\tb`, `\"a\\tb\"`",
        "`a\u001bb`, `\"a\\u001bb\"`",
        "`a\u007fb`, `\"a\\u007fb\"`",
        "`a~ b`, `\"a~ b\"`",
        "`\u202e`, `\"\\u202e\"`",
      })
  void quote_text_isEscaped(String text, String quoted) {
    assertThat(Quoted.quote(text)).isEqualTo(quoted);
  }

  @Test
  void quote_longText_isCutAt200() {
    assertThat(Quoted.quote("x".repeat(200))).isEqualTo("\"" + "x".repeat(200) + "\"");
    assertThat(Quoted.quote("x".repeat(201)))
        .isEqualTo("\"" + "x".repeat(200) + "\"… (201 characters)");
    assertThat(Quoted.quote("\n".repeat(101)))
        .isEqualTo("\"" + "\\n".repeat(100) + "\"… (101 characters)");
    assertThat(Quoted.quote("x".repeat(195) + "\u0001"))
        .isEqualTo("\"" + "x".repeat(195) + "\"… (196 characters)");
    assertThat(Quoted.quote("x".repeat(194) + "\u0001"))
        .isEqualTo("\"" + "x".repeat(194) + "\\u0001\"");
    assertThat(Quoted.quoteAll("x".repeat(300))).hasSize(302);
  }
}
