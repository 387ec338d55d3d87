package dev.countersign.scenarios.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ApproverManager;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.SameExplanation;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/**
 * {@code csr explain} says of a waiting request, reason for reason and in the same order, what the
 * approver then writes about it.
 */
@OnControlPlane
class SameExplanationIT {
  private static final String SIGNER = "kubernetes.io/kubelet-serving";

  private final SameExplanation requests = new SameExplanation();

  @Test
  void servingRequests_hostileAndHonest(Cluster cluster) throws Exception {
    try (SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet greedy = cluster.registeredNode()) {
      InetAddress service = InetAddress.getByName("10.3.0.1");
      try (ApproverManager _ = cluster.startApprover()) {
        victim.serve(Cluster.KUBELET_PORT);
        greedy.writeStatus(
            List.of(greedy.address(), victim.address(), service), Cluster.KUBELET_PORT);
        for (InetAddress claimed : List.of(victim.address(), service)) {
          assertThat(
                  cluster
                      .trial(greedy)
                      .send(asking(greedy, claimed), CsrProbe.SERVING_USAGES, OptionalInt.empty()))
              .isInstanceOf(TrialOutcome.Deferred.class);
        }
        assertThat(
                cluster
                    .trial(attacker)
                    .send(
                        asking(attacker, attacker.address()),
                        CsrProbe.SERVING_USAGES,
                        OptionalInt.empty()))
            .isInstanceOf(TrialOutcome.Approved.class);
      }
      for (HostileCases.Case one :
          new HostileCases(
                  attacker.name(),
                  attacker.address().getHostAddress(),
                  victim.name(),
                  victim.address().getHostAddress(),
                  cluster.plane().server().getHost(),
                  cluster.hasServiceCidrs())
              .all()) {
        requests.send(
            attacker.asNode(),
            one.title(),
            SIGNER,
            one.pem(),
            one.usages(),
            one.expirationSeconds());
      }
      assertThat(requests.size()).as("those that Kubernetes lets in").isGreaterThan(60);
      for (SimulatedKubelet honest : List.of(victim, attacker)) {
        send(honest, "honest", asking(honest, honest.address()));
      }
      send(greedy, "an address of another Node", asking(greedy, victim.address()));
      send(greedy, "an address of a Service", asking(greedy, service));

      Map<String, SameExplanation.Said> explained = requests.explainAll(cluster);
      try (ApproverManager approver = cluster.startApprover()) {
        requests.compare(cluster, explained);
        assertThat(approver.notLive()).isEmpty();
      }
      assertThat(explained.values())
          .extracting(SameExplanation.Said::decision)
          .contains("approve", "deny", "defer");
    }
  }

  private static String asking(SimulatedKubelet node, InetAddress address) {
    return CsrForge.client(node.name()).withDns(node.name()).withIp(address.getHostAddress()).pem();
  }

  private void send(SimulatedKubelet node, String title, String pem) throws Exception {
    requests.send(node.asNode(), title, SIGNER, pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }
}
