package dev.countersign.scenarios.join;

import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code countersign approver} in a process of its own, told by its policy file to join nodes. */
final class JoinCommand implements AutoCloseable {
  private final Process process;
  private final Path log;

  private JoinCommand(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts one with {@code client: Strict}.
   *
   * @param directory for its policy file and log
   * @param namespace where it keeps its own records
   */
  static JoinCommand start(Path directory, Path kubeconfig, String namespace, String... words)
      throws IOException {
    Path policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ApprovalPolicy
            spec:
              client: Strict
            """);
    Path log = directory.resolve("approver.log");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "approver",
                "--policy=" + policy,
                "--kubeconfig=" + kubeconfig,
                "--namespace=" + namespace));
    arguments.addAll(List.of(words));
    return new JoinCommand(
        new ProcessBuilder(CountersignProcess.command(arguments))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start(),
        log);
  }

  /** What it has written so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    CountersignProcess.stop(process);
  }
}
