package dev.countersign.policy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.name.DnsName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsPatternTest {
  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "a, aa, false",
    "a, a.a, false",
    "aa, a, false",
    "worker-*, worker-1, true",
    "worker-*, worker-, true",
    "worker-*, worker, false",
    "worker-*, worker-1.example.com, false",
    "*-a, b-a, true",
    "*-a, b-a-a, true",
    "*-a, b-a-b, false",
    "a*c, abc, true",
    "a*c, abcbc, true",
    "a*c, abcb, false",
    "a*b*c, axbxbxc, true",
    "a*b*c, axcxb, false",
    "*ab, aab, true",
    "*aab, aaab, true",
    "*a*, bab, true",
    "*a*, bcb, false",
    "*, anything, true",
    "*, a.b, false",
    "*.b, a.b, true",
    "**, a, true",
    "**, a.b.c, true",
    "**.b, b, false",
    "**.b, a.b, true",
    "**.b, a.a.b, true",
    "**.b, a.b.a, false",
    "a.**.c, a.c, false",
    "a.**.c, a.b.c, true",
    "a.**.c, a.b.b.c, true",
    "a.**, a, false",
    "a.**, a.b.c, true",
    "a.b, a, false",
    "0-9.az, 0-9.az, true",
  })
  void matches_theWholeName(String pattern, String name, boolean expected) {
    assertThat(new DnsPattern(pattern).matches(DnsName.of(name))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "a.", ".a", "a..b", "a***", "***", "a.b**", "**a", "a_b", "a/b", "a:b", "a`b",
        "a{b", "a b", "a\n", "ä"
      })
  void parse_somethingElse_isNothing(String text) {
    assertThat(DnsPattern.parse(text)).isEmpty();
    assertThatThrownBy(() -> new DnsPattern(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_upperCase_isFolded() {
    assertThat(DnsPattern.parse("AZ-09.*")).contains(new DnsPattern("az-09.*"));
    assertThatThrownBy(() -> new DnsPattern("A")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_lengths_areThoseOfNames() {
    String label = "a".repeat(63);
    String longest = label + "." + label + "." + label + "." + "a".repeat(61);

    assertThat(DnsPattern.parse(label)).isPresent();
    assertThat(DnsPattern.parse(label + "a")).isEmpty();
    assertThat(DnsPattern.parse(longest)).isPresent();
    assertThat(DnsPattern.parse(longest + "a")).isEmpty();
  }
}
