package dev.countersign.scenarios.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.Approver;
import dev.countersign.controlplane.node.SimulatedKubelet;
import dev.countersign.controlplane.trial.RequestTrial;
import dev.countersign.controlplane.trial.TrialOutcome;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every request that a compromised node may think of is refused, and the cluster says why. */
@OnControlPlane
class CompromisedNodeIT {
  @Test
  void hostileRequest_ofAnyKind_isRefusedWithAReason(Cluster cluster) throws Exception {
    try (Approver approver = cluster.startApprover();
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      victim.serve(Cluster.KUBELET_PORT);
      List<HostileCases.Case> cases =
          new HostileCases(
                  attacker.name(),
                  attacker.address().getHostAddress(),
                  victim.name(),
                  victim.address().getHostAddress(),
                  cluster.plane().server().getHost())
              .all();
      assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
      RequestTrial trial = cluster.trial(attacker);
      SoftAssertions softly = new SoftAssertions();
      Map<String, Integer> verdicts = new TreeMap<>();
      for (HostileCases.Case one : cases) {
        TrialOutcome outcome = trial.send(one.pem(), one.usages(), one.expirationSeconds());
        verdicts.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
        softly.assertThat(outcome.refused()).as("%s: %s", one, outcome).isTrue();
      }
      System.out.println("hostile requests: " + cases.size() + " " + verdicts);
      softly.assertAll();
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  @Test
  void nodeThatClaimsTheApiServersAddress_isHeld(Cluster cluster) throws Exception {
    try (Approver approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      InetAddress service = InetAddress.getByName("10.3.0.1");
      attacker.writeStatus(List.of(attacker.address(), service), Cluster.KUBELET_PORT);

      TrialOutcome outcome = claim(cluster, attacker, service);

      assertThat(outcome).isInstanceOf(TrialOutcome.Held.class);
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  @Test
  void nodeThatClaimsAnothersAddress_isHeld_andTheOwnerRenews(Cluster cluster) throws Exception {
    try (Approver approver = cluster.startApprover();
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      victim.serve(Cluster.KUBELET_PORT);
      attacker.writeStatus(List.of(attacker.address(), victim.address()), Cluster.KUBELET_PORT);

      assertThat(claim(cluster, attacker, victim.address())).isInstanceOf(TrialOutcome.Held.class);
      var before = victim.servingCertificate().orElseThrow().getSerialNumber();
      victim.rotateServing();
      assertThat(victim.servingCertificate().orElseThrow().getSerialNumber()).isNotEqualTo(before);
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  @Test
  void honestRequests_ofEveryKind_areApproved(Cluster cluster) throws Exception {
    try (Approver approver = cluster.startApprover();
        SimulatedKubelet node = cluster.registeredNode()) {
      RequestTrial trial = cluster.trial(node);
      String ip = node.address().getHostAddress();
      CsrForge both = CsrForge.client(node.name()).withDns(node.name()).withIp(ip);
      List<HostileCases.Case> cases = new ArrayList<>();
      List<String> withEncipherment =
          List.of("digital signature", "key encipherment", "server auth");
      cases.add(honest("ECDSA", both, HostileCases.USAGES));
      cases.add(honest("ECDSA of an older kubelet", both, withEncipherment));
      cases.add(honest("RSA", both.withKey(TestKeys.rsa(2048)), withEncipherment));
      cases.add(honest("P-384", both.withKey(TestKeys.p384()), HostileCases.USAGES));
      cases.add(honest("Ed25519", both.withKey(TestKeys.ed25519()), HostileCases.USAGES));
      cases.add(
          honest(
              "name only", CsrForge.client(node.name()).withDns(node.name()), HostileCases.USAGES));
      cases.add(
          honest("address only", CsrForge.client(node.name()).withIp(ip), HostileCases.USAGES));
      SoftAssertions softly = new SoftAssertions();
      for (HostileCases.Case one : cases) {
        softly
            .assertThat(trial.send(one.pem(), one.usages(), one.expirationSeconds()))
            .as(one.title())
            .isInstanceOf(TrialOutcome.Approved.class);
      }
      softly.assertAll();
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  private static TrialOutcome claim(Cluster cluster, SimulatedKubelet node, InetAddress address)
      throws Exception {
    String pem =
        CsrForge.client(node.name()).withDns(node.name()).withIp(address.getHostAddress()).pem();
    return cluster.trial(node).send(pem, HostileCases.USAGES, OptionalInt.empty());
  }

  private static HostileCases.Case honest(String title, CsrForge forge, List<String> usages) {
    return new HostileCases.Case(title, forge.pem(), usages, OptionalInt.empty());
  }
}
