package dev.countersign.scenarios.join;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
   * @param folder for its policy file and log
   * @param namespace where it keeps its own records
   */
  static JoinCommand start(Path folder, Path kubeconfig, String namespace, String... words)
      throws IOException {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ApprovalPolicy
            spec:
              client: Strict
            """);
    Path log = folder.resolve("approver.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.countersign.cli.Countersign",
                "approver",
                "--policy=" + policy,
                "--kubeconfig=" + kubeconfig,
                "--namespace=" + namespace));
    command.addAll(List.of(words));
    return new JoinCommand(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  /** What it has written so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
