package dev.countersign.common.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testkit.Arbitrary;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class DnsNameTest {
  @Test
  void names_compareWithoutCaseAndDot() {
    assertThat(DnsName.of("Node.EXAMPLE.com.")).isEqualTo(DnsName.of("node.example.com"));
    assertThat(DnsName.of("a..").text()).isEqualTo("a");
    assertThat(DnsName.of("\u0130")).isNotEqualTo(DnsName.of("i"));
    assertThat(DnsName.of("A\u212a\u00c4Z.").text()).isEqualTo("a\u212a\u00c4z");
    assertThat(DnsName.of("@[`{").text()).isEqualTo("@[`{");
    assertThat(DnsName.of("AZ").text()).isEqualTo("az");
    assertThatThrownBy(() -> new DnsName("A")).hasMessageContaining("folded");
  }

  @Test
  void equality_isOfKindAndText() {
    assertThat(DnsName.of("a"))
        .isEqualTo(DnsName.of("A."))
        .hasSameHashCodeAs(DnsName.of("A."))
        .isNotEqualTo(DnsName.of("b"))
        .isNotEqualTo("a");
    assertThat(DnsName.of("a").hashCode()).isNotEqualTo(DnsName.of("b").hashCode());
    assertThat(NodeName.parse("a").orElseThrow())
        .isEqualTo(NodeName.parse("a").orElseThrow())
        .hasSameHashCodeAs(NodeName.parse("a").orElseThrow())
        .isNotEqualTo(NodeName.parse("b").orElseThrow())
        .isNotEqualTo("a");
    assertThat(NodeName.parse("a").orElseThrow().hashCode())
        .isNotEqualTo(NodeName.parse("b").orElseThrow().hashCode());
  }

  @Test
  void isAtOrBelow_looksAtWholeLabels() {
    DnsName svc = DnsName.of("svc");

    assertThat(DnsName.of("svc").isAtOrBelow(svc)).isTrue();
    assertThat(DnsName.of("a.svc").isAtOrBelow(svc)).isTrue();
    assertThat(DnsName.of("asvc").isAtOrBelow(svc)).isFalse();
    assertThat(DnsName.of("svc.a").isAtOrBelow(svc)).isFalse();
    assertThat(DnsName.of("a").isAtOrBelow(DnsName.of(""))).isFalse();
  }

  @Test
  void order_isOfText() {
    assertThat(DnsName.of("a").compareTo(DnsName.of("b"))).isNegative();
    assertThat(DnsName.of("a").key()).isEqualTo("a");
    assertThat(DnsName.of("a")).hasToString("a");
  }

  @Test
  void folding_isIdempotent() {
    Arbitrary arbitrary = new Arbitrary(1);
    for (int i = 0; i < 1000; i++) {
      DnsName once = DnsName.of(arbitrary.text());

      assertThat(DnsName.of(once.text())).isEqualTo(once);
    }
  }

  @Test
  void anyText_hasAVerdict() {
    Arbitrary arbitrary = new Arbitrary(2);
    for (int i = 0; i < 1000; i++) {
      String text = arbitrary.text();

      assertThat(DnsSyntax.fault(text).isEmpty())
          .as(text)
          .isEqualTo(
              DnsSyntax.isHostName(text)
                  && !DnsSyntax.isAddress(text)
                  && !text.toLowerCase(Locale.ROOT).matches("(.*\\.)?xn--.*"));
    }
  }

  @Test
  void nodeNames_followKubernetes() {
    assertThat(NodeName.parse("a.b-c.9")).isPresent();
    assertThat(NodeName.parse("a".repeat(63))).isPresent();
    assertThat(NodeName.parse("a".repeat(64))).isEmpty();
    assertThat(NodeName.parse(("a".repeat(62) + ".").repeat(4) + "a")).isPresent();
    assertThat(NodeName.parse(("a".repeat(62) + ".").repeat(4) + "ab")).isEmpty();
    assertThat(NodeName.parse("node-a").orElseThrow().userName()).isEqualTo("system:node:node-a");
    assertThat(NodeName.parse("node-a").orElseThrow()).hasToString("node-a");
    assertThatThrownBy(() -> new NodeName("A")).hasMessageContaining("lower-case");
  }
}
