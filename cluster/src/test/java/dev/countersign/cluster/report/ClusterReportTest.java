package dev.countersign.cluster.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.Cause;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.ClusterSnapshot.Condition;
import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestedSubject;
import dev.countersign.cluster.doctor.Diagnosis;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.report.ClusterReport.Health;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClusterReportTest {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
  private static final Kubelet GOOD = new Kubelet.Configured(true, true);

  /** A node whose certificates have been valid for that many seconds of 1,000. */
  private static NodeView node(
      String name, String address, Kubelet kubelet, int serving, int client) {
    Instant start = NOW.minusSeconds(serving);
    Instant clientStart = NOW.minusSeconds(client);
    return new NodeView(
        name,
        List.of(address),
        Optional.of(NOW),
        kubelet,
        Optional.empty(),
        Optional.of(
            new NodeReport.Served(
                "CN=x", "CN=ca", "1", "2", start, start.plusSeconds(1000), List.of(name, address))),
        Optional.of(
            new CertificateValidity(Optional.of(clientStart), clientStart.plusSeconds(1000))));
  }

  private static ClusterReport report(
      List<NodeView> nodes, List<RequestView> requests, Map<String, String> against) {
    ClusterSnapshot snapshot =
        new ClusterSnapshot(
            NOW,
            Optional.empty(),
            false,
            nodes,
            requests,
            List.of(),
            Map.of(),
            new ClusterSnapshot.Approver.Ready(),
            Optional.empty(),
            Optional.empty(),
            true,
            List.of());
    AddressRecord contested =
        new AddressRecord(
            AddressRecords.parse("10.0.0.1").orElseThrow(),
            new OwnershipRecord(
                new OwnershipRecord.State.Held(
                    claimant("a"), NOW, OwnershipRecord.Basis.FIRST_CLAIM),
                List.of(new OwnershipRecord.Waiting(claimant("b"), NOW)),
                0));
    return new ClusterReport(
        "https://here",
        snapshot,
        Diagnosis.of(snapshot),
        Optional.of(List.of(contested)),
        against,
        List.of());
  }

  private static ReportingNode claimant(String node) {
    return new ReportingNode(NodeName.parse(node).orElseThrow(), "uid");
  }

  private static Health health(NodeView node) {
    return report(List.of(node), List.of(), Map.of()).rows().getFirst().health();
  }

  @Test
  void health_worstOfBothCertificatesAndTheFindings() {
    assertThat(health(node("a", "10.0.0.1", GOOD, 100, 100))).isEqualTo(Health.OK);
    assertThat(health(node("a", "10.0.0.1", GOOD, 100, 901))).isEqualTo(Health.RENEWAL_LATE);
    assertThat(health(node("a", "10.0.0.1", GOOD, 100, 899))).isEqualTo(Health.OK);
    assertThat(health(node("a", "10.0.0.1", GOOD, 1000, 100))).isEqualTo(Health.EXPIRED);
    assertThat(health(node("a", "10.0.0.1", new Kubelet.Refused(403), 1, 1)))
        .isEqualTo(Health.FINDING);
    assertThat(
            health(
                new NodeView(
                    "a",
                    List.of("10.0.0.1"),
                    Optional.of(NOW),
                    GOOD,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())))
        .isEqualTo(Health.NOT_SEEN);
  }

  /** Nobody dials from a laptop behind a firewall; that is no fault of the node. */
  @Test
  void unreachableFromHere_isToldAndMakesNoNodeIll() {
    NodeReport served =
        new NodeReport(
            "a",
            Optional.of("10.0.0.1:10250"),
            Optional.empty(),
            List.of(
                new NodeReport.Finding(
                    NodeReport.Cause.UNREACHABLE, "connection refused", "a handshake", "check")),
            List.of());
    NodeView known = node("a", "10.0.0.1", GOOD, 1, 1);
    ClusterReport report =
        report(
            List.of(
                new NodeView(
                    known.name(),
                    known.addresses(),
                    known.lastContact(),
                    known.kubelet(),
                    Optional.of(served),
                    known.issued(),
                    known.client())),
            List.of(),
            Map.of());

    assertThat(report.findings()).extracting(ClusterReport.Finding::cause).contains("UNREACHABLE");
    assertThat(report.rows().getFirst().health()).isEqualTo(Health.OK);
  }

  @Test
  void findings_ofAnAddressOfTwoNodes_standWithBoth() {
    ClusterReport report =
        report(
            List.of(node("a", "10.0.0.1", GOOD, 1, 1), node("b", "10.0.0.1", GOOD, 1, 1)),
            List.of(),
            Map.of());

    assertThat(report.rows())
        .allSatisfy(
            row ->
                assertThat(row.findings())
                    .extracting(ClusterReport.Finding::cause)
                    .containsExactly(Cause.ADDRESS_CLAIMED_TWICE.name()));
    assertThat(report.contests()).hasSize(1);
    List<Cell> ofB =
        section(report, "nodes").rows().stream()
            .filter(row -> row.getFirst().equals(new Cell.Code("b")))
            .findFirst()
            .orElseThrow();
    assertThat(ofB)
        .contains(new Cell.Items(List.of("b (no owner on record)", "10.0.0.1 (owned by a)")));
  }

  @Test
  void requests_byReason_issuedOnesLeftOut() {
    ClusterReport report =
        report(
            List.of(),
            List.of(
                request("one", RequestState.PENDING),
                request("two", RequestState.PENDING),
                request("three", RequestState.DENIED, "Because"),
                request("four", RequestState.ISSUED)),
            Map.of("one", "NodeNotFound"));

    assertThat(report.reasons(RequestState.PENDING)).isEqualTo(Map.of("NodeNotFound", 1, "-", 1));
    assertThat(report.reasons(RequestState.DENIED)).isEqualTo(Map.of("Because", 1));
    assertThat(section(report, "requests").rows()).hasSize(3);
  }

  private static RequestView request(String name, RequestState state, String... reason) {
    return new RequestView(
        name,
        true,
        "system:node:a",
        state,
        NOW,
        Stream.of(reason)
            .map(one -> new Condition(Optional.of(one), Optional.of("of that: too")))
            .findFirst(),
        new RequestedSubject(Optional.of("a"), List.of("a")));
  }

  private static Page.Section section(ClusterReport report, String id) {
    return ClusterPage.of(report).sections().stream()
        .filter(section -> section.id().equals(id))
        .findFirst()
        .orElseThrow();
  }
}
