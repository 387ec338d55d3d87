package dev.countersign.policy.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SafeTextTest {
  @Test
  void quote_escapesWhatIsNotPrintableAscii() {
    assertThat(SafeText.quote("a\nb")).isEqualTo("\"a\\u{a}b\"");
    assertThat(SafeText.quote("\u001b[31m")).isEqualTo("\"\\u{1b}[31m\"");
    assertThat(SafeText.quote("n\u043ede")).isEqualTo("\"n\\u{43e}de\"");
    assertThat(SafeText.quote("\ud83d\ude00\ud83d")).isEqualTo("\"\\u{1f600}\\u{d83d}\"");
    assertThat(SafeText.quote("a\"b\\")).isEqualTo("\"a\\\"b\\\\\"");
    assertThat(SafeText.quote(" ~\u007f")).isEqualTo("\" ~\\u{7f}\"");
    assertThat(SafeText.quote("")).isEqualTo("\"\"");
  }

  @Test
  void longText_isCut() {
    assertThat(SafeText.quote("a".repeat(195))).hasSize(197).endsWith("a\"");
    assertThat(SafeText.quote("a".repeat(1000))).hasSize(200).endsWith("a...\"");
    assertThat(SafeText.plain("a".repeat(200))).isEqualTo("a".repeat(200));
    assertThat(SafeText.plain("a".repeat(201))).hasSize(200).endsWith("a...");
    assertThat(SafeText.quote("\u0000".repeat(1000))).hasSizeLessThanOrEqualTo(200);
  }

  @Test
  void list_saysHowManyAreLeftOut() {
    assertThat(SafeText.list(List.of(), 3)).isEqualTo("[]");
    assertThat(SafeText.list(List.of("a", "b"), 3)).isEqualTo("[\"a\", \"b\"]");
    assertThat(SafeText.list(List.of("a", "b", "c"), 2)).isEqualTo("[\"a\", \"b\", and 1 more]");
    assertThat(SafeText.list(List.of("a"), 0)).isEqualTo("[and 1 more]");
    assertThat(SafeText.list(List.of("a".repeat(150), "b"), 2)).endsWith(", and 1 more]");
  }

  @Property(tries = 500)
  void anyText_becomesShortPrintableAscii(@ForAll String text) {
    for (String safe : List.of(SafeText.quote(text), SafeText.plain(text))) {
      assertThat(safe.length()).isLessThanOrEqualTo(SafeText.LIMIT);
      assertThat(safe.chars()).allMatch(c -> c >= ' ' && c <= '~');
    }
    assertThat(SafeText.plain(SafeText.plain(text))).isEqualTo(SafeText.plain(text));
    Violation violation = new Violation(Reason.DNS_SYNTAX, text, text, text);
    assertThat(violation.message().chars()).allMatch(c -> c >= ' ' && c <= '~');
  }
}
