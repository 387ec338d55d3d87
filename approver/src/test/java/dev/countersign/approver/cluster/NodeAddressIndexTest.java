package dev.countersign.approver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NodeAddressIndexTest {
  private static final NodeName A = NodeName.parse("a").orElseThrow();
  private static final NodeName B = NodeName.parse("b").orElseThrow();

  private final NodeAddressIndex index = new NodeAddressIndex();

  private static NodeFact node(NodeName name, String hostname, String... addresses) {
    return new NodeFact(
        name,
        "uid-" + name,
        Instant.EPOCH,
        Stream.concat(
                Stream.of(new NodeAddress(NodeAddress.Type.HOSTNAME, hostname)),
                Stream.of(addresses)
                    .map(text -> new NodeAddress(NodeAddress.Type.INTERNAL_IP, text)))
            .toList(),
        List.of(),
        Map.of(),
        Map.of());
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  private List<NodeName> claimants(NameOrAddress claim) {
    return index.claimants(claim).stream().map(claims -> claims.node().name()).toList();
  }

  @Test
  void everyNameAndAddress_isFoundByItsClaimants() {
    index.put(node(A, "host-a", "192.0.2.1"));
    index.put(node(B, "host-b", "192.0.2.1", "2001:db8::1"));

    assertThat(claimants(ip("192.0.2.1"))).containsExactlyInAnyOrder(A, B);
    assertThat(claimants(DnsName.of("host-a"))).containsExactly(A);
    assertThat(claimants(DnsName.of("a"))).isEmpty();
    assertThat(index.all())
        .containsExactlyInAnyOrder(
            ip("192.0.2.1"), ip("2001:db8::1"), DnsName.of("host-a"), DnsName.of("host-b"));
  }

  /** Kubelets choose what they name, and so the hashes of it. */
  @Test
  @Timeout(20)
  void all_ofOneHash_costWhatTheyAre() {
    String[] addresses = Colliding.addresses(NodeFact.MOST_ADDRESSES);
    assertThat(
            Stream.of(addresses).map(NodeAddressIndexTest::ip).map(IpAddress::hashCode).distinct())
        .hasSize(1);
    index.put(node(A, "host-a", addresses));
    for (int i = 0; i < 60; i++) {
      assertThat(index.all().size()).isEqualTo(1 + addresses.length);
    }
  }

  @Test
  void nodeThatWent_leavesNothing_andTakesNothingFromOthers() {
    NodeFact a = node(A, "host-a", "192.0.2.1");
    index.put(a);
    index.put(node(B, "host-b", "192.0.2.1"));

    index.remove(A);
    index.remove(A);

    assertThat(claimants(ip("192.0.2.1"))).containsExactly(B);
    assertThat(index.all()).containsExactlyInAnyOrder(ip("192.0.2.1"), DnsName.of("host-b"));
    index.remove(B);
    assertThat(index.all()).isEmpty();
  }
}
