package dev.countersign.policy.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.SignerReasons;
import dev.countersign.testkit.GoldenFiles;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReasonTest {
  @Test
  void camelCase_isUniqueAndReadsBack() {
    Set<String> names = new HashSet<>();
    for (Reason reason : Reason.values()) {
      assertThat(names.add(reason.camelCase())).as(reason.camelCase()).isTrue();
      assertThat(Reason.ofCamelCase(reason.camelCase())).contains(reason);
    }
    assertThat(Reason.SAN_NOT_NODE_ADDRESS.camelCase()).isEqualTo("SanNotNodeAddress");
    assertThat(Reason.ofCamelCase("Nothing")).isEmpty();
  }

  @Test
  void texts_areWholeSentences() {
    for (Reason reason : Reason.values()) {
      for (String text : new String[] {reason.meaning(), reason.attack(), reason.honest()}) {
        assertThat(text).as("%s", reason).endsWith(".").matches("[A-Zcs].*");
      }
      assertThat(reason.remedy()).as("%s", reason).isNotBlank();
    }
  }

  @Test
  void referencePage_isCurrent() {
    StringBuilder page = new StringBuilder();
    page.append("# Reasons\n\n");
    page.append("Generated from `Reason`; rewrite with");
    page.append(" `mvn -pl policy -am test -Dtest=ReasonTest -Dgolden.rewrite=true`.\n\n");
    page.append("Why a request for a kubelet's serving certificate, or under");
    page.append(" [strict join](../adr/0050-strict-join.md) for its client certificate, is not");
    page.append(" approved.\nA reason is in the condition and Event of the request, in the metric");
    page.append(" label `reason`, and in `csr explain`.\n");
    page.append("**Denied**: it rests on the request itself, which cannot change, or for client");
    page.append(" certificates on a record or Node that was\nread for this decision; the kubelet");
    page.append(" sends a new request by itself.\n");
    page.append(
        "**Deferred**: it rests on the cluster, or on what an option of the policy file admits;"
            + " the");
    page.append("\nrequest is looked at again when that changes.\n\n");
    page.append("| reason | certificate | outcome |\n|---|---|---|\n");
    for (Reason reason : Reason.values()) {
      page.append("| [").append(reason.camelCase()).append("](#");
      page.append(reason.camelCase().toLowerCase(Locale.ROOT)).append(") | ");
      page.append(certificate(reason)).append(" | ");
      page.append(outcome(reason)).append(" |\n");
    }
    for (Reason reason : Reason.values()) {
      page.append("\n## ").append(reason.camelCase()).append("\n\n");
      page.append("*").append(outcome(reason)).append(".* ").append(reason.meaning());
      page.append("\n\n- **How an attacker causes it:** ").append(reason.attack());
      page.append("\n- **How an honest node can:** ").append(reason.honest());
      page.append("\n- **What to do:** ").append(reason.remedy()).append('\n');
    }

    GoldenFiles.in("../docs/reference")
        .assertMatches("reasons.md", page.toString().replace("<", "\\<"));
  }

  private static String certificate(Reason reason) {
    if (!SignerReasons.serving().contains(reason)) {
      return "client";
    }
    return SignerReasons.client().contains(reason) ? "both" : "serving";
  }

  private static String outcome(Reason reason) {
    if (reason == Reason.SANS_CHANGED) {
      return "noted or deferred, as the policy file says";
    }
    return reason.evidence().isFinal() ? "denied" : "deferred";
  }
}
