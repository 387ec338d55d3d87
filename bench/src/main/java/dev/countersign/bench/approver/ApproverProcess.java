package dev.countersign.bench.approver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An approver as a process of its own, started as a user starts it. */
final class ApproverProcess implements AutoCloseable {
  private static final int MOST_BUSY_SECONDS = 300;

  private final Process process;

  private ApproverProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param command the words
   * @param kubeconfig in {@code $KUBECONFIG}, too
   */
  static ApproverProcess start(List<String> command, Path kubeconfig, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("COUNTERSIGN_NO_BUILD", "1");
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    return new ApproverProcess(builder.start());
  }

  /** Stops it in its tracks, or lets it go on. */
  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + " did not work; has the approver ended?");
    }
  }

  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Waits until it has nothing to do: until a second takes it less than 50 ms of CPU. */
  void awaitIdle() throws InterruptedException {
    Duration before = cpu();
    for (int i = 0; i < MOST_BUSY_SECONDS; i++) {
      Thread.sleep(1000);
      Duration now = cpu();
      if (now.minus(before).toMillis() < 50) {
        return;
      }
      before = now;
    }
    throw new IllegalStateException("the approver was busy for " + MOST_BUSY_SECONDS + " s");
  }

  long residentMiB() throws IOException {
    return status("VmRSS:");
  }

  long peakMiB() throws IOException {
    return status("VmHWM:");
  }

  private long status(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException("/proc has no " + field);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
