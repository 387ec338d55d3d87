package dev.countersign.common.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTextTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "plain, `\"plain\"`",
        "``, `\"\"`",
        "`a\"b\\`, `\"a\\\"b\\\\\"`",
        "`a\nb`, `\"a\\nb\"`",
        "`a\rb\tc`, `\"a\\rb\\tc\"`",
        "`\u001b[31m`, `\"\\u001b[31m\"`",
        "` ~\u007f`, `\" ~\\u007f\"`",
        "`\u009b2J`, `\"\\u009b2J\"`",
        "`\u202e`, `\"\\u202e\"`",
        "`n\u043ede`, `\"n\\u043ede\"`",
        "`\ud83d\ude00\ud83d`, `\"\\ud83d\\ude00\\ud83d\"`",
      })
  void quote_text_isPrintableAscii(String text, String quoted) {
    assertThat(SafeText.quote(text)).isEqualTo(quoted);
    assertThat(SafeText.quoteAll(text)).isEqualTo(quoted);
  }

  @Test
  void longText_isCut() {
    assertThat(SafeText.quote("a".repeat(195))).hasSize(197).endsWith("a\"");
    assertThat(SafeText.quote("a".repeat(1000))).hasSize(200).endsWith("a...\"");
    assertThat(SafeText.plain("a".repeat(200))).isEqualTo("a".repeat(200));
    assertThat(SafeText.plain("a".repeat(201))).hasSize(200).endsWith("a...");
    assertThat(SafeText.quote("\u0000".repeat(1000))).hasSizeLessThanOrEqualTo(200);
    assertThat(SafeText.quoteAll("x".repeat(300))).hasSize(302);
    assertThat(SafeText.line("x".repeat(300))).hasSize(300);
  }

  @Test
  void list_saysHowManyAreLeftOut() {
    assertThat(SafeText.list(List.of(), 3)).isEqualTo("[]");
    assertThat(SafeText.list(List.of("a", "b"), 3)).isEqualTo("[\"a\", \"b\"]");
    assertThat(SafeText.list(List.of("a", "b", "c"), 2)).isEqualTo("[\"a\", \"b\", and 1 more]");
    assertThat(SafeText.list(List.of("a"), 0)).isEqualTo("[and 1 more]");
    assertThat(SafeText.list(List.of("a".repeat(150), "b"), 2)).endsWith(", and 1 more]");
  }

  @Test
  void line_keepsLettersOfEveryScript() {
    assertThat(SafeText.line("Knoten-ä, узел, 节点, \ud83d\ude00: \"a\\b\""))
        .isEqualTo("Knoten-ä, узел, 节点, \ud83d\ude00: \"a\\b\"");
    assertThat(SafeText.line("a\n\tb")).isEqualTo("a\\n\\tb");
    assertThat(SafeText.lines("a\n\tb\r")).isEqualTo("a\n\tb\\r");
  }

  /** What steers a terminal, turns or hides text, or is no character at all. */
  static Stream<String> unsafe() {
    IntStream control = IntStream.concat(IntStream.range(0, 0x20), IntStream.range(0x7f, 0xa0));
    IntStream bidi =
        IntStream.of(
            0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,
            0x2069);
    IntStream others =
        IntStream.of(
            0x00a0, 0x00ad, 0x200b, 0x200d, 0x2028, 0x2029, 0x3000, 0xfeff, 0xe000, 0xfdd0, 0xfff9,
            0xffff, 0xe0041, 0x10ffff);
    IntStream surrogates = IntStream.of(0xd800, 0xdbff, 0xdc00, 0xdfff);
    return Stream.of(control, bidi, others, surrogates)
        .flatMap(IntStream::boxed)
        .map(Character::toString);
  }

  @ParameterizedTest
  @MethodSource("unsafe")
  void everyForm_escapesIt(String unsafe) {
    String text = "a" + unsafe + "b" + unsafe;
    for (String shown :
        List.of(
            SafeText.quote(text),
            SafeText.quoteAll(text),
            SafeText.plain(text),
            SafeText.line(text),
            SafeText.list(List.of(text), 1))) {
      assertThat(shown).doesNotContain(unsafe).matches("[ -~]+");
    }
    if (!unsafe.equals("\n") && !unsafe.equals("\t")) {
      assertThat(SafeText.lines(text)).isEqualTo(SafeText.line(text));
    }
    assertThat(SafeText.plain(SafeText.plain(text))).isEqualTo(SafeText.plain(text));
    assertThat(SafeText.line(SafeText.line(text))).isEqualTo(SafeText.line(text));
  }

  @Test
  void everyCharacter_becomesAtMostSixPerUnit() {
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      String text = Character.toString(point);
      assertThat(SafeText.plain(text).length()).isLessThanOrEqualTo(6 * text.length());
      assertThat(SafeText.quote(text).chars()).allMatch(c -> c >= ' ' && c <= '~');
    }
  }
}
