package dev.countersign.testbed.machine;

import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command that is run to its end, which comes within minutes: one that hangs is killed.
 *
 * @param words program and arguments
 * @param environment added to that of this JVM; its {@code PATH} is where the program is looked for
 */
public record HostCommand(List<String> words, Map<String, String> environment) {
  /** How many of its words name a command in an error. */
  private static final int NAMED_BY = 4;

  private static final List<String> BOUNDED = List.of("timeout", "--kill-after=10", "300");

  /** Copies. */
  public HostCommand {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  public static HostCommand of(String... words) {
    return new HostCommand(List.of(words), Map.of());
  }

  /** What a command that has ended left; its two streams are one. */
  public record Outcome(int status, String output) {}

  /** Its words behind env(1), which sets the environment. */
  public List<String> withEnvironment() {
    List<String> all = new ArrayList<>(List.of("/usr/bin/env"));
    environment.forEach((key, value) -> all.add(key + "=" + value));
    all.addAll(words);
    return all;
  }

  /** Runs it and waits. */
  public Outcome run() throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(BOUNDED);
    all.addAll(withEnvironment());
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  /** Runs it; its output. Fails where its status is not 0. */
  public String require() throws IOException, ControlPlaneFailure, InterruptedException {
    Outcome outcome = run();
    if (outcome.status() != 0) {
      throw failed(outcome);
    }
    return outcome.output();
  }

  /** The error for a status that is not 0: the command, and the last thing that it said. */
  public ControlPlaneFailure failed(Outcome outcome) {
    String[] lines = outcome.output().strip().split("\n", -1);
    String first =
        String.join(" ", words.subList(0, Math.min(NAMED_BY, words.size())))
            .lines()
            .findFirst()
            .orElse("");
    return new ControlPlaneFailure(
        "%s: got status %d; want 0; it said: %s"
            .formatted(first, outcome.status(), lines[lines.length - 1]));
  }
}
