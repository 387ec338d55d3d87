package dev.countersign.scenarios.faults;

import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One approver in a process of its own, started by the command line as an operator starts it. */
final class Replica implements AutoCloseable {
  static final String NAMESPACE = "countersign-faults";

  private final Process process;
  private final Path log;
  private final Metrics metrics;

  private Replica(Process process, Path log, Metrics metrics) {
    this.process = process;
    this.log = log;
    this.metrics = metrics;
  }

  /**
   * Starts one.
   *
   * @param log gets its standard error
   * @param more arguments
   */
  static Replica start(Path kubeconfig, Path log, String... more) throws IOException {
    return start(kubeconfig, log, CountersignProcess::command, more);
  }

  /** Starts one with a limit to its heap, such as {@code 64m}. */
  static Replica startWithin(String heap, Path kubeconfig, Path log) throws IOException {
    return start(kubeconfig, log, words -> CountersignProcess.commandWithin(heap, words));
  }

  private static Replica start(
      Path kubeconfig, Path log, Function<List<String>, List<String>> command, String... more)
      throws IOException {
    int port = CountersignProcess.freePort();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "approver",
                "--kubeconfig=" + kubeconfig,
                "--namespace=" + NAMESPACE,
                "--metrics-bind-address=127.0.0.1:" + port));
    arguments.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command.apply(arguments))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new Replica(process, log, new Metrics(port));
  }

  /** The value of one series of its metrics; empty where there is none. */
  Optional<Double> metric(String series) throws InterruptedException {
    return metrics.value(series);
  }

  boolean leads() throws InterruptedException {
    return metric("countersign_leader").equals(Optional.of(1.0));
  }

  /** Waits until its caches are complete. */
  void awaitSynced() throws InterruptedException {
    await("complete caches", () -> metric("countersign_caches_synced").equals(Optional.of(1.0)));
  }

  /** A condition that is asked again and again. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  /** Waits up to two minutes. */
  void await(String what, Condition condition) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    try {
      while (!condition.holds()) {
        if (System.nanoTime() > until || !process.isAlive()) {
          throw new AssertionError(
              "no "
                  + what
                  + (process.isAlive() ? " within two minutes" : ", its process has ended")
                  + "; its log ends with "
                  + lastLines());
        }
        Thread.sleep(50);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> lastLines() throws IOException {
    List<String> lines = lines();
    return lines.subList(Math.max(0, lines.size() - 8), lines.size());
  }

  /** What it has logged. */
  List<String> lines() throws IOException {
    return Files.isRegularFile(log) ? Files.readString(log).lines().toList() : List.of();
  }

  /** When it first logged a line after a moment. */
  Optional<Instant> firstAfter(Instant moment, Predicate<String> line) throws IOException {
    return lines().stream()
        .filter(line)
        .map(text -> Instant.parse(text.substring(0, text.indexOf(' '))))
        .filter(time -> time.isAfter(moment))
        .findFirst();
  }

  /** A line about an event. */
  static Predicate<String> event(String name) {
    return line -> line.matches("\\S+ [A-Z]+ +" + name + "( .*)?");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Sends it a signal. */
  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + ": got status " + status);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Resident memory in KiB. */
  long residentKiB() throws IOException {
    return status("VmRSS:");
  }

  /** Threads of the operating system. */
  long threads() throws IOException {
    return status("Threads:");
  }

  /** Open descriptors. */
  long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.count();
    }
  }

  private long status(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("/proc has no " + field);
  }

  @Override
  public void close() {
    // What comes next deletes its records, which it must not write again.
    CountersignProcess.stop(process);
    metrics.close();
  }
}
