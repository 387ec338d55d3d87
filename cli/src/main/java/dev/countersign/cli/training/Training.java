package dev.countersign.cli.training;

import dev.countersign.approver.ApproverOptions;
import dev.countersign.approver.Rehearsal;
import dev.countersign.approver.rehearsal.PretendedApi;
import dev.countersign.approver.rehearsal.PretendedServer;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.terminal.Console;
import dev.countersign.x509.key.AwsLc;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Runs commands without effect on the machine, then a rendering into a temporary folder or an
 * approver against a {@link PretendedCluster}, whichever the argument names, so that the JVM
 * records their classes.
 */
public final class Training {
  /** Longer than the pretended cluster's own. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private Training() {}

  /**
   * Runs each part with its output thrown away, then ends the process: with 1 when one ended
   * otherwise than it does elsewhere.
   */
  public static void main(String[] arguments) {
    try {
      train(arguments);
    } catch (Exception e) {
      e.printStackTrace();
      // An approver that still runs would make an orderly end of it, with the status for that.
      Runtime.getRuntime().halt(1);
    }
    System.exit(0);
  }

  private static void train(String[] arguments) throws Exception {
    // As the process's own entry does, for the classes of that.
    AwsLc.prepare();
    Console.ofProcess(System.getenv(), System.getProperties());
    Console console =
        Console.plain(
            new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter(), true));
    run(console, ExitStatus.OK, "--version");
    for (String what : arguments) {
      run(console, ExitStatus.OK, what, "--help");
      run(console, ExitStatus.USAGE, what, "--no-such-option");
    }
    Path folder = Files.createTempDirectory("training");
    try {
      for (String what : arguments) {
        switch (what) {
          case "render" -> render(console, folder);
          case "approver" -> approver(console, folder);
          default -> throw new IllegalArgumentException(what + ": got it; want render or approver");
        }
      }
    } finally {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private static void run(Console console, ExitStatus expected, String... command) {
    int status = Countersign.run(console, command);
    if (status != expected.code()) {
      throw new IllegalStateException(
          "%s: got status %d; want %s".formatted(String.join(" ", command), status, expected));
    }
  }

  private static void render(Console console, Path folder) {
    String spec = folder.resolve("cluster.yaml").toString();
    run(console, ExitStatus.OK, "render", "--init", "--spec", spec);
    String out = folder.resolve("assets").toString();
    run(console, ExitStatus.OK, "render", "--spec", spec, "--out", out);
    run(console, ExitStatus.OK, "render", "--spec", spec, "--out", out, "--check");
  }

  private static void approver(Console console, Path folder)
      throws IOException, InterruptedException {
    Process cluster =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                PretendedCluster.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    try {
      approve(console, cluster, folder.resolve(PretendedCluster.KUBECONFIG));
    } finally {
      cluster.destroyForcibly();
    }
    ApproverOptions idle =
        ApproverOptions.defaults(new PretendedServer(new PretendedApi(1)), Writer.nullWriter());
    int decided = Rehearsal.run(idle, 0, () -> false);
    if (decided != Rehearsal.LENGTH) {
      throw new IllegalStateException(
          "rehearsal: got %d decisions; want %d".formatted(decided, Rehearsal.LENGTH));
    }
  }

  private static void approve(Console console, Process cluster, Path kubeconfig)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(kubeconfig)) {
      if (!cluster.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("the pretended cluster: got none; want its kubeconfig");
      }
      Thread.sleep(20);
    }
    Thread.ofPlatform()
        .daemon()
        .start(
            () ->
                Countersign.run(
                    console,
                    "approver",
                    "--kubeconfig",
                    kubeconfig.toString(),
                    "--metrics-address=127.0.0.1:0",
                    "--log-format=json"));
    if (!cluster.waitFor(PATIENCE) || cluster.exitValue() != 0) {
      throw new IllegalStateException("the pretended cluster: not all of its requests are decided");
    }
  }
}
