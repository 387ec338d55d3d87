package dev.countersign.approver.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--metrics-cert-file=a --metrics-key-file=b | --metrics-cert-file: got it without"
            + " --metrics-secure; want both",
        "--leader-elect --leader-elect-lease-duration=15 | --leader-elect-lease-duration: got"
            + " \"15\"; want 1s or more and less than 1h, such as 30s",
        "--leader-elect --leader-elect-lease-duration=1h | --leader-elect-lease-duration: got"
            + " \"1h\"; want 1s or more and less than 1h, such as 30s",
        "--metrics-secure --metrics-cert-file=a | --metrics-cert-file: got it alone; want"
            + " --metrics-key-file, too",
        "--metrics-secure --metrics-key-file=b | --metrics-key-file: got it alone; want"
            + " --metrics-cert-file, too",
        "--metrics-secure --metrics-bind-address=:8080 --metrics-cert-file=/no/a"
            + " --metrics-key-file=/no/b | --metrics-cert-file (/no/a): got no such file",
        "--metrics-secure --metrics-bind-address=:8080 --metrics-cert-file=/dev/null"
            + " --metrics-key-file=/dev/null | --metrics-cert-file (/dev/null): got",
        "--metrics-secure --metrics-bind-address=0 | --metrics-secure: got it without"
            + " --metrics-bind-address; want both",
        "--metrics-secure --metrics-bind-address=:8080 --health-probe-bind-address=:8080 |"
            + " --health-probe-bind-address: got the address of --metrics-bind-address",
      })
  void flags_thatCannotBe_areRefused(String flags, String told, @TempDir Path directory)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(flags.split(" ")));
    arguments.add("--kubeconfig=" + kubeconfig(directory));
    assertThat(run(arguments.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).startsWith("error: " + told).hasLineCount(1);
  }

  @Test
  void formerNameOfTheLeaseDuration_isTaken_withAWarning(@TempDir Path directory)
      throws IOException {
    assertThat(run("--leader-elect", "--lease-duration=0", "--kubeconfig=" + kubeconfig(directory)))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("warning: --lease-duration is deprecated; use --leader-elect-lease-duration")
        .contains("got \"0s\"; want 1s or more");
  }

  private static Path kubeconfig(Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("admin.conf"),
        """
        apiVersion: v1
        kind: Config
        current-context: c
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        """);
  }
}
