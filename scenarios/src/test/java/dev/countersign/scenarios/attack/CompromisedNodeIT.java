package dev.countersign.scenarios.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ApproverManager;
import dev.countersign.policy.decision.Reason;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every request that a compromised node may think of is refused, and the cluster says why. */
@OnControlPlane
class CompromisedNodeIT {
  private static final Pattern REASON = Pattern.compile("(?:^|; )([A-Z]\\w+): (?:request|spec)\\.");

  private record Honest(String title, CsrForge forge, List<String> usages) {}

  @Test
  void hostileRequest_ofAnyKind_isRefusedWithAReason(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      victim.serve(Cluster.KUBELET_PORT);
      List<HostileCases.Case> cases =
          new HostileCases(
                  attacker.name(),
                  attacker.address().getHostAddress(),
                  victim.name(),
                  victim.address().getHostAddress(),
                  cluster.plane().server().getHost(),
                  cluster.hasServiceCidrs())
              .all();
      assertThat(cases).as("as many as README.md says").hasSize(78);
      CsrProbe trial = cluster.trial(attacker);
      SoftAssertions softly = new SoftAssertions();
      Map<String, Integer> verdicts = new TreeMap<>();
      for (HostileCases.Case one : cases) {
        TrialOutcome outcome = trial.send(one.pem(), one.usages(), one.expirationSeconds());
        verdicts.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
        assertRefused(softly, one, outcome);
      }
      System.out.println("hostile requests: " + cases.size() + " " + verdicts);
      softly.assertAll();
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  private static void assertRefused(
      SoftAssertions softly, HostileCases.Case one, TrialOutcome outcome) {
    switch (one.expected()) {
      case HostileCases.Refusal.ByKubernetes(String words) ->
          softly
              .assertThat(outcome)
              .as("%s", one)
              .isInstanceOfSatisfying(
                  TrialOutcome.Rejected.class,
                  it -> softly.assertThat(it.message()).contains(words));
      case HostileCases.Refusal.Denied(Set<Reason> reasons) ->
          softly
              .assertThat(outcome)
              .as("%s", one)
              .isInstanceOfSatisfying(
                  TrialOutcome.Denied.class,
                  it -> {
                    softly.assertThat(reasons(it.message())).as("%s", one).isEqualTo(reasons);
                    softly.assertThat(Reason.ofCamelCase(it.reason())).get().isIn(reasons);
                  });
      case HostileCases.Refusal.Held(Set<Reason> reasons) ->
          softly
              .assertThat(outcome)
              .as("%s", one)
              .isInstanceOfSatisfying(
                  TrialOutcome.Deferred.class,
                  it -> {
                    softly.assertThat(reasons(it.message())).as("%s", one).containsAll(reasons);
                    softly.assertThat(Reason.ofCamelCase(it.reason())).get().isIn(reasons);
                  });
    }
  }

  /** Those that a condition's or an Event's message names. */
  private static Set<Reason> reasons(String message) {
    return REASON
        .matcher(message)
        .results()
        .map(found -> Reason.ofCamelCase(found.group(1)).orElseThrow())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));
  }

  @Test
  void nodeThatClaimsTheApiServersAddress_isHeld(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      InetAddress service = InetAddress.getByName("10.3.0.1");
      attacker.writeStatus(List.of(attacker.address(), service), Cluster.KUBELET_PORT);

      TrialOutcome outcome = claim(cluster, attacker, service);

      assertThat(outcome).isInstanceOf(TrialOutcome.Deferred.class);
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  @Test
  void nodeThatClaimsAnothersAddress_isHeld_andTheOwnerRenews(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      victim.serve(Cluster.KUBELET_PORT);
      attacker.writeStatus(List.of(attacker.address(), victim.address()), Cluster.KUBELET_PORT);

      assertThat(claim(cluster, attacker, victim.address()))
          .isInstanceOf(TrialOutcome.Deferred.class);
      var before = victim.servingCertificate().orElseThrow().getSerialNumber();
      victim.rotateServing();
      assertThat(victim.servingCertificate().orElseThrow().getSerialNumber()).isNotEqualTo(before);
      assertThat(approver.awaitSynced(java.time.Duration.ZERO)).isTrue();
    }
  }

  @Test
  void honestRequests_ofEveryKind_areApproved(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet node = cluster.registeredNode()) {
      CsrProbe trial = cluster.trial(node);
      String ip = node.address().getHostAddress();
      CsrForge both = CsrForge.client(node.name()).withDns(node.name()).withIp(ip);
      List<Honest> cases = new ArrayList<>();
      List<String> withEncipherment =
          List.of("digital signature", "key encipherment", "server auth");
      cases.add(new Honest("ECDSA", both, CsrProbe.SERVING_USAGES));
      cases.add(new Honest("ECDSA of an older kubelet", both, withEncipherment));
      cases.add(new Honest("RSA", both.withKey(TestKeys.rsa(2048)), withEncipherment));
      cases.add(new Honest("P-384", both.withKey(TestKeys.p384()), CsrProbe.SERVING_USAGES));
      cases.add(new Honest("Ed25519", both.withKey(TestKeys.ed25519()), CsrProbe.SERVING_USAGES));
      cases.add(
          new Honest(
              "name only",
              CsrForge.client(node.name()).withDns(node.name()),
              CsrProbe.SERVING_USAGES));
      cases.add(
          new Honest(
              "address only", CsrForge.client(node.name()).withIp(ip), CsrProbe.SERVING_USAGES));
      SoftAssertions softly = new SoftAssertions();
      for (Honest one : cases) {
        softly
            .assertThat(trial.send(one.forge().pem(), one.usages(), OptionalInt.empty()))
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
    return cluster.trial(node).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }
}
