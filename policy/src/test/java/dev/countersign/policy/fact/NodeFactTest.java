package dev.countersign.policy.fact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Worlds;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeFactTest {
  @Test
  void namesAndAddresses_areReadByTheirType() {
    NodeFact node =
        Worlds.node(
            "node-a",
            "uid",
            Worlds.hostname("node-a"),
            Worlds.internal("192.0.2.10"),
            Worlds.external("2001:db8::1"),
            Worlds.internalDns("A.example.com"),
            Worlds.externalDns("b.example.com"));
    assertThat(node.dnsNames())
        .containsExactlyInAnyOrder(
            Worlds.dns("node-a"), Worlds.dns("a.example.com"), Worlds.dns("b.example.com"));
    assertThat(node.ipAddresses())
        .containsExactlyInAnyOrder(Worlds.ip("192.0.2.10"), Worlds.ip("2001:db8::1"));
  }

  @Test
  void hostname_thatIsAnAddress_isOne() {
    NodeFact node = Worlds.node("node-a", "uid", Worlds.hostname("192.0.2.10"));
    assertThat(node.dnsNames()).isEmpty();
    assertThat(node.ipAddresses()).containsExactly(Worlds.ip("192.0.2.10"));
  }

  @Test
  void dnsName_thatIsAnAddress_isNotOne() {
    NodeFact node =
        Worlds.node(
            "node-a", "uid", Worlds.internalDns("192.0.2.10"), Worlds.externalDns("192.0.2.11"));
    assertThat(node.ipAddresses()).isEmpty();
    assertThat(node.dnsNames()).hasSize(2);
  }

  @Test
  void emptyOrUnreadableTexts_areLeftOut() {
    NodeFact node =
        Worlds.node(
            "node-a", "uid", Worlds.hostname(""), Worlds.internalDns(""), Worlds.internal("x"));
    assertThat(node.dnsNames()).isEmpty();
    assertThat(node.ipAddresses()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"})
  void isControlPlane_byEitherLabel(String label) {
    NodeFact node = Worlds.node("node-a", "uid");
    assertThat(Worlds.labelled(node, label).isControlPlane()).isTrue();
    assertThat(Worlds.labelled(node, "node-role.kubernetes.io/worker").isControlPlane()).isFalse();
    assertThat(node.isControlPlane()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void addressType_isParsedFromItsText(NodeAddress.Type type) {
    assertThat(NodeAddress.Type.parse(type.text())).contains(type);
    assertThat(NodeAddress.Type.parse(type.text().toLowerCase(Locale.ROOT)))
        .isEqualTo(Optional.empty());
  }

  @Test
  void inventoryEntry_allowsNamesAddressesAndRanges() {
    InventoryEntry entry =
        new InventoryEntry(
            Set.of(Worlds.dns("a")),
            Set.of(Worlds.ip("192.0.2.1")),
            List.of(Worlds.range("198.51.100.0/24")));
    assertThat(entry.allows(Worlds.dns("a"))).isTrue();
    assertThat(entry.allows(Worlds.dns("b"))).isFalse();
    assertThat(entry.allows(Worlds.ip("192.0.2.1"))).isTrue();
    assertThat(entry.allows(Worlds.ip("198.51.100.9"))).isTrue();
    assertThat(entry.allows(Worlds.ip("192.0.2.2"))).isFalse();
  }

  @Test
  void fact_isKnownOrNot() {
    assertThat(Fact.known(1).isKnown()).isTrue();
    assertThat(Fact.unknown("down").isKnown()).isFalse();
  }
}
