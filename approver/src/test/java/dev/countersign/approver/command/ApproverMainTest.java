package dev.countersign.approver.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ApproverMainTest {
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return ApproverMain.run(new PrintWriter(err), arguments);
  }

  @Test
  void unknownFlag_isAnErrorOfUsage_andSaysWhereTheHelpIs() {
    assertThat(run("--no-such-flag")).isEqualTo(2);
    assertThat(err.toString()).startsWith("error: ").contains("--no-such-flag", "--help");
  }

  @Test
  void wordApprover_ofOlderManifests_isTaken() {
    assertThat(run("approver", "--leader-elect", "--lease-duration=0", "--kubeconfig=none"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("none").doesNotContain("approver\"", "Unmatched");
  }

  @Test
  void noCredentials_areToldInOneSentence() {
    assertThat(run("--kubeconfig", "/no/such/file")).isEqualTo(2);
    assertThat(err.toString()).startsWith("error: ").contains("/no/such/file").hasLineCount(1);
  }
}
