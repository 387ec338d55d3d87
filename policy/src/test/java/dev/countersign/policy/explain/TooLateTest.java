package dev.countersign.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.policy.decision.Decision.Ground;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrDetails.Condition;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TooLateTest {
  private static CsrSpec csr(
      String username, boolean issued, boolean deleting, Condition... conditions) {
    return new CsrSpec(
        "csr-1",
        "uid-1",
        SignerName.KUBELET_SERVING,
        CsrSpec.Requestor.of(username, List.of("system:nodes")),
        List.of(),
        Optional.empty(),
        Instant.EPOCH,
        Bytes.ofUtf8(""),
        List.of(conditions).stream().map(Condition::type).toList(),
        issued,
        deleting);
  }

  private static List<String> lines(String username, boolean issued, Condition... conditions) {
    return TooLate.toDecide(
        csr(username, issued, false, conditions),
        new CsrDetails(Optional.empty(), List.of(conditions)));
  }

  private static Condition condition(String type) {
    return new Condition(type, "SanNotAllowed", "by\u001b[31m policy", "2026-11-22T01:00:00Z");
  }

  @Test
  void pending_isNotTooLate() {
    assertThat(lines("system:node:a", false)).isEmpty();
  }

  @Test
  void denied_isFinal_andTheKubeletAsksAnew() {
    assertThat(String.join("\n", lines("system:node:a", false, condition("Denied"))))
        .contains("denied at 2026-11-22T01:00:00Z for SanNotAllowed (", "A denial is final")
        .contains("asks again by itself")
        .doesNotContain("\u001b");
  }

  @Test
  void deniedJoin_hasToBeDeletedFirst() {
    assertThat(String.join("\n", lines("system:bootstrap:abc123", false, condition("Denied"))))
        .contains("kubectl delete csr csr-1", "asks again when it is restarted");
  }

  @Test
  void failed_isFinal() {
    assertThat(String.join("\n", lines("system:node:a", false, condition("Failed"))))
        .contains("failed by its signer", "asks again");
  }

  @Test
  void approved_waitsForItsSigner() {
    assertThat(String.join("\n", lines("system:node:a", false, condition("Approved"))))
        .contains("kube-controller-manager", "--cluster-signing-cert-file");
  }

  @Test
  void issued_cannotBeTakenBack() {
    assertThat(String.join("\n", lines("system:node:a", true, condition("Approved"))))
        .contains("its certificate is issued", "countersign node delete");
  }

  @Test
  void because_isTheLastThingThatHappened() {
    String node = "system:node:a";
    assertThat(TooLate.because(csr(node, false, false))).isEmpty();
    assertThat(TooLate.because(csr(node, true, true, condition("Approved"))))
        .contains(Ground.ALREADY_ISSUED.text());
    assertThat(TooLate.because(csr(node, false, true, condition("Approved"), condition("Failed"))))
        .contains(Ground.ALREADY_FAILED.text());
    assertThat(TooLate.because(csr(node, false, true))).contains(Ground.BEING_DELETED.text());
    assertThat(TooLate.because(csr(node, false, false, condition("Denied"))))
        .contains(Ground.ALREADY_DECIDED.text());
  }

  @Test
  void conditionWithoutTexts_isNotQuoted() {
    CsrDetails details =
        new CsrDetails(Optional.empty(), List.of(new Condition("Denied", "", "", "")));
    assertThat(
            TooLate.toDecide(
                csr("system:node:a", false, false, new Condition("Denied", "", "", "")), details))
        .first()
        .asString()
        .startsWith("Nothing for this request: denied. A denial is final");
    assertThat(
            TooLate.toDecide(
                csr("system:node:a", false, true), new CsrDetails(Optional.empty(), List.of())))
        .first()
        .isEqualTo("Nothing: it is being deleted.");
  }
}
