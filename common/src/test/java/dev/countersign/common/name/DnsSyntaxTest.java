package dev.countersign.common.name;

import static dev.countersign.common.name.DnsSyntax.Fault.ADDRESS;
import static dev.countersign.common.name.DnsSyntax.Fault.INTERNATIONALIZED;
import static dev.countersign.common.name.DnsSyntax.Fault.NOT_A_HOST_NAME;
import static dev.countersign.common.name.DnsSyntax.Fault.TRAILING_DOT;
import static dev.countersign.common.name.DnsSyntax.Fault.UNDERSCORE;
import static dev.countersign.common.name.DnsSyntax.Fault.WILDCARD;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule at its edges, from both sides. */
class DnsSyntaxTest {
  private static final String LABEL_63 = "abcdefghi".repeat(7);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "z",
        "A",
        "Z",
        "0a",
        "9z",
        "a-b",
        "a--b",
        "1.2.3.4.5",
        "1.2.3.a",
        "0x.a",
        "0xg",
        "0x1g",
        "x0",
        "xn-a",
        "axn--b",
        "xn",
        "a.b.c"
      })
  void hostNames(String text) {
    assertThat(DnsSyntax.fault(text)).isEmpty();
    assertThat(DnsSyntax.isHostName(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", "-a", "a-", "a.-b", "a-.b", "a..b", ".a", "a b", "a/b", "a:b", "a@b", "a[b",
        "a`b", "a{b", "a..", "[a]", "a:", "zz::1"
      })
  void otherTexts(String text) {
    assertThat(DnsSyntax.fault(text)).contains(NOT_A_HOST_NAME);
    assertThat(DnsSyntax.isHostName(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "0",
        "9",
        "1.2",
        "1.2.3",
        "1.2.3.4",
        "192.0.2.1.",
        "4294967295",
        "0x7f.1",
        "0X7F",
        "0xaF09",
        "017700000001",
        "0x",
        "::1",
        "[::1]",
        "[10.0.0.1]",
        "fe80::1%eth0",
        "::ffff:10.0.0.1"
      })
  void addresses(String text) {
    assertThat(DnsSyntax.fault(text)).contains(ADDRESS);
    assertThat(DnsSyntax.isAddress(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1.2.3.4.5",
        "1..2",
        ".1",
        "[",
        "[]",
        "]",
        "1a",
        "a1",
        "0xg",
        "0x/",
        "0x:",
        "1/2",
        "zz::1",
        "%",
        "x1",
        "00xa",
        "1.0y2"
      })
  void noAddresses(String text) {
    assertThat(DnsSyntax.isAddress(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "*.a", "a*", "*.1.2.3", "*.xn--a"})
  void wildcards(String text) {
    assertThat(DnsSyntax.fault(text)).contains(WILDCARD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xn--a", "XN--A", "a.xn--b", "a.Xn--", "ä", "aä", "a\u0080", "a.xn--b."})
  void internationalized(String text) {
    assertThat(DnsSyntax.fault(text)).contains(INTERNATIONALIZED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.", "a.b.", "a-b.example.com."})
  void trailingDots(String text) {
    assertThat(DnsSyntax.fault(text)).contains(TRAILING_DOT);
    assertThat(DnsSyntax.isHostName(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a_b", "_a", "a_", "_", "my_host.example.com", "_x._y"})
  void underscores(String text) {
    assertThat(DnsSyntax.fault(text)).contains(UNDERSCORE);
    assertThat(DnsSyntax.isHostName(text)).isFalse();
    assertThat(DnsSyntax.isHostNameOrUnderscored(text)).isTrue();
    assertThat(DnsSyntax.fault(text + ".")).contains(TRAILING_DOT);
    assertThat(DnsSyntax.isHostNameOrUnderscored(text + ".")).isFalse();
    assertThat(DnsSyntax.isHostNameOrUnderscored("-" + text)).isFalse();
  }

  @org.junit.jupiter.api.Test
  void lengths() {
    String text = (LABEL_63 + ".").repeat(3);

    assertThat(DnsSyntax.fault(LABEL_63)).isEmpty();
    assertThat(DnsSyntax.fault(LABEL_63 + "a")).contains(NOT_A_HOST_NAME);
    assertThat(DnsSyntax.fault("a." + LABEL_63)).isEmpty();
    assertThat(DnsSyntax.fault("a." + LABEL_63 + "a")).contains(NOT_A_HOST_NAME);
    assertThat(DnsSyntax.fault(text + "a".repeat(61))).isEmpty();
    assertThat(DnsSyntax.fault(text + "a".repeat(62))).contains(NOT_A_HOST_NAME);
  }
}
