package dev.countersign.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link DecisionBenchmark} and writes what it measured, with the machine it ran on, as a
 * page.
 */
public final class DecisionReport {
  private static final double MICROSECONDS = 50;
  private static final double BYTES = 20 * 1024;

  private DecisionReport() {}

  /**
   * Takes a regular expression of benchmarks and the file to write, by convention {@code
   * bench/results/decision.md}.
   */
  public static void main(String[] args) throws RunnerException, IOException {
    if (args.length != 2) {
      System.err.println("usage: DecisionReport BENCHMARK FILE");
      System.exit(2);
    }
    Collection<RunResult> results =
        new Runner(new OptionsBuilder().include(args[0]).addProfiler(GCProfiler.class).build())
            .run();
    List<String> lines = new ArrayList<>();
    lines.add("# DecisionBenchmark");
    lines.add("");
    lines.add(MachineDescription.sentence());
    lines.add("");
    lines.add("| benchmark | median | 99th percentile | allocated | budget of 50 µs and 20 KB |");
    lines.add("|---|---:|---:|---:|---|");
    results.stream()
        .sorted(Comparator.comparing(result -> result.getParams().getBenchmark()))
        .map(DecisionReport::row)
        .forEach(lines::add);
    Path file = Path.of(args[1]).toAbsolutePath();
    Files.createDirectories(file.getParent());
    Files.write(file, lines);
    System.out.println(String.join("\n", lines));
  }

  private static String row(RunResult result) {
    String name = result.getParams().getBenchmark();
    name = name.substring(name.lastIndexOf('.') + 1);
    Result<?> time = result.getPrimaryResult();
    double median = time.getStatistics().getPercentile(50);
    double bytes =
        Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore();
    String budget =
        switch (name) {
          case "decide", "withoutSignature" ->
              median <= MICROSECONDS && bytes <= BYTES ? "met" : "**not met**";
          default -> "–";
        };
    return String.format(
        Locale.ROOT,
        "| `%s` | %.1f µs | %.1f µs | %.1f KB | %s |",
        name,
        median,
        time.getStatistics().getPercentile(99),
        bytes / 1024,
        budget);
  }
}
