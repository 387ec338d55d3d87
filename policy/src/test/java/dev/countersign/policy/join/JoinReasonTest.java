package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.GoldenFiles;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class JoinReasonTest {
  @Test
  void texts_areWholeSentences() {
    for (JoinReason reason : JoinReason.values()) {
      for (String text :
          new String[] {reason.meaning(), reason.attack(), reason.honest(), reason.remedy()}) {
        assertThat(text).as("%s", reason).endsWith(".").matches("[A-Zcs].*");
      }
    }
  }

  @Test
  void referencePage_isCurrent() {
    StringBuilder page = new StringBuilder();
    page.append("# Reasons of strict join\n\n");
    page.append("Generated from `JoinReason`; rewrite with");
    page.append(" `mvn -pl policy -am test -Dtest=JoinReasonTest -Dgolden.rewrite=true`.\n\n");
    page.append("Why a kubelet's *client* certificate was not approved");
    page.append(" ([strict join](../adr/0050-strict-join.md));\n");
    page.append("for serving certificates see [reasons](reasons.md). A reason is in the log,");
    page.append(" and of a denial in the request's condition.\n");
    page.append("**Denied**: it rests on the request itself, or on a record or Node that was read");
    page.append(" for this decision.\n");
    page.append("**Held**: it may be put right; the request is looked at again.\n\n");
    page.append("| reason | outcome |\n|---|---|\n");
    for (JoinReason reason : JoinReason.values()) {
      page.append("| [").append(reason.camelCase()).append("](#");
      page.append(reason.camelCase().toLowerCase(Locale.ROOT)).append(") | ");
      page.append(outcome(reason)).append(" |\n");
    }
    for (JoinReason reason : JoinReason.values()) {
      page.append("\n## ").append(reason.camelCase()).append("\n\n");
      page.append("*").append(outcome(reason)).append(".* ").append(reason.meaning());
      page.append("\n\n- **How an attacker causes it:** ").append(reason.attack());
      page.append("\n- **How an honest machine can:** ").append(reason.honest());
      page.append("\n- **What to do:** ").append(reason.remedy()).append('\n');
    }

    GoldenFiles.in("../docs/reference")
        .assertMatches("join-reasons.md", page.toString().replace("<", "\\<"));
  }

  private static String outcome(JoinReason reason) {
    return reason.evidence() == JoinReason.Evidence.CLUSTER ? "held" : "denied";
  }
}
