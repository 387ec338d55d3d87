package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Decision.Ground;
import dev.countersign.policy.fact.Facts;
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
  void otherConditions_doNotMatter() {
    assertThat(decide(Requests.valid().withConditions("Looked"))).isInstanceOf(Decision.Hold.class);
  }

  @Test
  void ignoring_hasNoViolations() {
    assertThat(decide(Requests.valid().issued()).violations()).isEmpty();
    assertThat(Ground.OTHER_SIGNER.text()).isEqualTo("it names another signer");
  }
}
