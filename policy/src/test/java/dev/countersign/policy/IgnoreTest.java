package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Decision.Ground;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Facts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is not ours is never decided, whatever is wrong with it. */
class IgnoreTest {
  private static Decision decide(Requests request) {
    return Policy.decide(request.csr(), Facts.none(), PolicyConfig.defaults());
  }

  @Test
  void otherSigner_isIgnored_evenIfMalformed() {
    Requests malformed = Requests.ofPem("x");

    for (String signer :
        new String[] {
          "kubernetes.io/kube-apiserver-client",
          "kubernetes.io/kube-apiserver-client-kubelet",
          "kubernetes.io/legacy-unknown",
          "kubernetes.io/Kubelet-serving",
          "kubernetes.io/kubelet-serving ",
          "example.com/kubelet-serving",
          ""
        }) {
      assertThat(decide(malformed.withSigner(signer)))
          .isEqualTo(new Decision.Ignore(Ground.OTHER_SIGNER));
    }
  }

  @Test
  void decidedFailedOrIssued_isIgnored() {
    assertThat(decide(Requests.valid().withConditions("Approved")))
        .isEqualTo(new Decision.Ignore(Ground.ALREADY_DECIDED));
    assertThat(decide(Requests.valid().withConditions("Denied")))
        .isEqualTo(new Decision.Ignore(Ground.ALREADY_DECIDED));
    assertThat(decide(Requests.valid().withConditions("Approved", "Failed")))
        .isEqualTo(new Decision.Ignore(Ground.ALREADY_FAILED));
    assertThat(decide(Requests.valid().withConditions("Approved").issued()))
        .isEqualTo(new Decision.Ignore(Ground.ALREADY_ISSUED));
  }

  @Test
  void beingDeleted_isIgnored() {
    assertThat(decide(Requests.valid().deleting()))
        .isEqualTo(new Decision.Ignore(Ground.BEING_DELETED));
  }

  @Test
  void userThatIsNoNode_isIgnored_evenIfMalformed() {
    for (String user :
        new String[] {
          "kubernetes-admin",
          "system:serviceaccount:db-system:db-operator",
          "system:bootstrap:abcdef",
          "system:admin",
          "system:nodes:node-a",
          "System:node:node-a",
          " system:node:node-a",
          "node-a",
          ""
        }) {
      for (Requests request : new Requests[] {Requests.valid(), Requests.ofPem("x")}) {
        assertThat(decide(request.withRequestor(user, "system:nodes", "system:authenticated")))
            .as(user)
            .isEqualTo(new Decision.Ignore(Ground.OTHER_REQUESTOR));
      }
    }
  }

  @Test
  void userOfANode_isNotIgnored_whateverItsName() {
    for (String user : new String[] {"system:node:", "system:node:NODE", "system:node:node-b"}) {
      assertThat(decide(Requests.valid().withRequestor(user, "system:authenticated")))
          .as(user)
          .isInstanceOf(Decision.Deny.class);
    }
  }

  @Test
  void userThatIsNoNode_asThePolicySays() {
    Requests admin = Requests.valid().withRequestor("admin\n", "system:masters");
    Decision deferred =
        Policy.decide(admin.csr(), Worlds.honest(), Given.policy("requestors: {others: Defer}"));
    Decision denied =
        Policy.decide(admin.csr(), Worlds.honest(), Given.policy("requestors: {others: Deny}"));

    assertThat(deferred)
        .isEqualTo(
            new Decision.Defer(
                List.of(
                    new Violation(
                        Reason.REQUESTOR_NOT_NODE,
                        "spec.username",
                        "\"admin\\n\"",
                        "system:node:<node name>"))));
    assertThat(denied).isInstanceOf(Decision.Deny.class);
    assertThat(Given.reasons(denied))
        .containsExactlyInAnyOrder(
            Reason.USERNAME_NOT_COMMON_NAME, Reason.GROUP_MISSING, Reason.GROUP_MISSING);
  }

  @Test
  void whatIsSettled_isIgnored_beforeItsUserIsLookedAt() {
    assertThat(decide(Requests.valid().withConditions("Approved").withRequestor("admin")))
        .isEqualTo(new Decision.Ignore(Ground.ALREADY_DECIDED));
    assertThat(decide(Requests.valid().deleting().withRequestor("admin")))
        .isEqualTo(new Decision.Ignore(Ground.BEING_DELETED));
  }

  @Test
  void otherConditions_doNotMatter() {
    assertThat(decide(Requests.valid().withConditions("Looked")))
        .isInstanceOf(Decision.Defer.class);
  }

  @Test
  void ignoring_hasNoViolations() {
    assertThat(decide(Requests.valid().issued()).violations()).isEmpty();
    assertThat(Ground.OTHER_SIGNER.text()).isEqualTo("it names another signer");
  }
}
