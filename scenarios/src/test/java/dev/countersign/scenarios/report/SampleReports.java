package dev.countersign.scenarios.report;

import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.ClusterSnapshot.Condition;
import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestedSubject;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.doctor.Diagnosis;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.report.ClusterReport;
import dev.countersign.cluster.token.TokenReport;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Reports of clusters that do not exist. The same at every call. */
final class SampleReports {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
  private static final Duration YEAR = Duration.ofDays(365);

  private SampleReports() {}

  /** A small cluster with one of everything that can be seen. */
  static ClusterReport small() {
    List<NodeView> nodes = new ArrayList<>();
    nodes.add(node("controller-0", "10.0.0.10", 120));
    nodes.add(node("controller-1", "10.0.0.11", 120));
    nodes.add(node("controller-2", "10.0.0.12", 119));
    for (int i = 0; i < 5; i++) {
      nodes.add(node("worker-" + i, "10.0.1." + (20 + i), 20 + 55 * i));
    }
    nodes.add(node("worker-5", "10.0.1.25", 344));
    nodes.add(node("worker-6", "10.0.1.26", 366));
    nodes.add(
        new NodeView(
            "worker-7",
            List.of("10.0.1.27"),
            Optional.of(NOW.minusSeconds(4)),
            new Kubelet.Configured(false, true),
            Optional.of(
                new NodeReport(
                    "worker-7",
                    Optional.of("10.0.1.27:10250"),
                    Optional.of(served("worker-7", "10.0.1.27", NOW.minus(Duration.ofDays(40)))),
                    List.of(
                        new NodeReport.Finding(
                            NodeReport.Cause.SELF_SIGNED,
                            "a certificate the kubelet made itself",
                            "one issued by the cluster",
                            "set serverTLSBootstrap: true in the kubelet's configuration and"
                                + " restart it")),
                    List.of())),
            Optional.empty(),
            Optional.of(
                new CertificateValidity(Optional.empty(), NOW.plus(Duration.ofDays(200))))));
    nodes.add(
        new NodeView(
            "worker-8",
            List.of("10.0.1.22"),
            Optional.of(NOW.minusSeconds(7)),
            new Kubelet.Configured(true, true),
            Optional.empty(),
            Optional.empty(),
            Optional.of(
                new CertificateValidity(
                    Optional.of(NOW.minusSeconds(1200)), NOW.plus(YEAR).minusSeconds(1200)))));
    List<RequestView> requests =
        List.of(
            request(
                "csr-7k2wd",
                "system:node:worker-8",
                RequestState.PENDING,
                1100,
                Optional.empty(),
                new RequestedSubject(Optional.of("worker-8"), List.of("worker-8", "10.0.1.22"))),
            request(
                "csr-9hx4q",
                "system:node:worker-2",
                RequestState.DENIED,
                1800,
                because(
                    "SanNotClaimable",
                    "spec.request.san[2]: got \"kubernetes.default.svc\"; want names of the node"),
                new RequestedSubject(
                    Optional.of("worker-2"),
                    List.of("worker-2", "10.0.1.22", "kubernetes.default.svc"))));
    List<TokenView> tokens =
        List.of(
            token(
                "8kx2mp",
                NOW.plus(Duration.ofHours(5)),
                List.of(
                    new TokenReport.Use(
                        "worker-8",
                        Optional.of("csr-v8l2s"),
                        NOW.minusSeconds(1200),
                        Optional.of(RequestState.ISSUED)))),
            token("t0ldxx", NOW.minus(Duration.ofHours(2)), List.of()));
    List<AddressRecord> addresses = new ArrayList<>(addresses(nodes.subList(0, 11)));
    addresses.removeIf(record -> record.address().key().equals("10.0.1.22"));
    addresses.add(
        new AddressRecord(
            AddressRecords.parse("10.0.1.22").orElseThrow(),
            new OwnershipRecord(
                held("worker-2"),
                List.of(new OwnershipRecord.Waiting(claimant("worker-8"), NOW.minusSeconds(1150))),
                0)));
    return report(nodes, requests, tokens, addresses, Map.of("csr-7k2wd", "IpHeldByOtherNode"));
  }

  /** A cluster of that many nodes, a few of them in trouble. */
  static ClusterReport large(int size) {
    Random random = new Random(31);
    List<NodeView> nodes = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String name =
          "ip-10-%d-%d-%d.eu-central-1.compute.internal".formatted(i >> 16, i >> 8 & 255, i & 255);
      String address = "10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255);
      nodes.add(node(name, address, random.nextInt(i % 100 == 0 ? 366 : 290)));
    }
    List<RequestView> requests = new ArrayList<>();
    Map<String, String> against = new HashMap<>();
    for (int i = 0; i < size / 10; i++) {
      String node = nodes.get(random.nextInt(size)).name();
      String name = "csr-" + Integer.toString(100_000 + i, 36);
      boolean denied = i % 3 == 0;
      requests.add(
          request(
              name,
              "system:node:" + node,
              denied ? RequestState.DENIED : RequestState.PENDING,
              60L * i,
              denied
                  ? because(
                      "UsagesNotPermitted", "spec.usages: got [client auth]; want [server auth]")
                  : Optional.empty(),
              new RequestedSubject(Optional.of(node), List.of(node, "10.9.8.7"))));
      against.put(name, i % 2 == 0 ? "IpHeldByOtherNode" : "NodeNotFound");
    }
    return report(nodes, requests, List.of(), addresses(nodes), against);
  }

  /** A cluster whose every text is that one. */
  static ClusterReport hostile(String text) {
    NodeReport served =
        new NodeReport(
            text,
            Optional.of(text),
            Optional.of(
                new NodeReport.Served(
                    text, text, text, text, NOW, NOW.plus(YEAR), List.of(text, text))),
            List.of(new NodeReport.Finding(NodeReport.Cause.UNREACHABLE, text, text, text)),
            List.of(text));
    ClusterSnapshot snapshot =
        new ClusterSnapshot(
            NOW,
            Optional.of(NOW),
            true,
            List.of(
                new NodeView(
                    text,
                    List.of(text),
                    Optional.of(NOW),
                    new Kubelet.NotTrusted(text),
                    Optional.of(served),
                    Optional.empty(),
                    Optional.empty())),
            List.of(
                request(
                    text,
                    text,
                    RequestState.DENIED,
                    60,
                    because(text, text),
                    new RequestedSubject(Optional.of(text), List.of(text)))),
            List.of(
                new TokenView(
                    text,
                    Optional.of(text),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(new TokenReport.Use(text, Optional.of(text), NOW, Optional.empty())))),
            Map.of(),
            new ClusterSnapshot.Approver.NotReady(text),
            Optional.empty(),
            Optional.of(text),
            true,
            List.of(text));
    return new ClusterReport(
        text,
        snapshot,
        Diagnosis.of(snapshot),
        Optional.empty(),
        Map.of(text, text),
        List.of(text));
  }

  private static ClusterReport report(
      List<NodeView> nodes,
      List<RequestView> requests,
      List<TokenView> tokens,
      List<AddressRecord> addresses,
      Map<String, String> against) {
    ClusterSnapshot snapshot =
        new ClusterSnapshot(
            NOW,
            Optional.of(NOW),
            true,
            nodes,
            requests,
            tokens,
            Map.of(),
            new ClusterSnapshot.Approver.Ready(),
            Optional.empty(),
            Optional.empty(),
            true,
            List.of());
    return new ClusterReport(
        "https://api.rack-7.example:6443",
        snapshot,
        Diagnosis.of(snapshot),
        Optional.of(addresses),
        against,
        List.of());
  }

  /** A node whose certificates began that many days ago; the client's half a day earlier. */
  private static NodeView node(String name, String address, int days) {
    Instant start = NOW.minus(Duration.ofDays(days)).minus(Duration.ofHours(3));
    Instant clientStart = start.minus(Duration.ofHours(12));
    return new NodeView(
        name,
        List.of(address),
        Optional.of(NOW.minusSeconds(5)),
        new Kubelet.Configured(true, true),
        Optional.of(
            new NodeReport(
                name,
                Optional.of(address + ":10250"),
                Optional.of(served(name, address, start)),
                List.of(),
                List.of())),
        Optional.empty(),
        Optional.of(new CertificateValidity(Optional.of(clientStart), clientStart.plus(YEAR))));
  }

  private static NodeReport.Served served(String name, String address, Instant start) {
    return new NodeReport.Served(
        "CN=system:node:" + name + ",O=system:nodes",
        "CN=kubernetes-ca",
        Integer.toHexString(name.hashCode()),
        "0".repeat(64),
        start,
        start.plus(YEAR),
        List.of(name, address));
  }

  private static RequestView request(
      String name,
      String user,
      RequestState state,
      long age,
      Optional<Condition> condition,
      RequestedSubject subject) {
    return new RequestView(name, true, user, state, NOW.minusSeconds(age), condition, subject);
  }

  private static Optional<Condition> because(String reason, String message) {
    return Optional.of(new Condition(Optional.of(reason), Optional.of(message)));
  }

  private static TokenView token(String id, Instant end, List<TokenReport.Use> uses) {
    return new TokenView(
        id,
        Optional.empty(),
        Optional.of(end),
        Optional.of(
            BootstrapTokenGrant.fromData(
                Map.of("token", id, "nodes", "worker-*", "uses", "unlimited"))),
        uses);
  }

  private static List<AddressRecord> addresses(List<NodeView> nodes) {
    List<AddressRecord> records = new ArrayList<>();
    for (NodeView node : nodes) {
      for (String name : List.of(node.name(), node.addresses().getFirst())) {
        records.add(
            new AddressRecord(
                AddressRecords.parse(name).orElseThrow(),
                new OwnershipRecord(held(node.name()), List.of(), 0)));
      }
    }
    return records;
  }

  private static OwnershipRecord.State held(String node) {
    return new OwnershipRecord.State.Held(
        claimant(node), NOW.minus(Duration.ofDays(100)), OwnershipRecord.Basis.FIRST_CLAIM);
  }

  private static ReportingNode claimant(String node) {
    return new ReportingNode(NodeName.parse(node).orElseThrow(), "uid-" + node);
  }
}
