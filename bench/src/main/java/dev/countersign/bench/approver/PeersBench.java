package dev.countersign.bench.approver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The approver beside other approvers of kubelets' serving certificates, one after another on the
 * same API server: how many requests they get through, how long one waits, what they hold.
 */
final class PeersBench {
  private static final int ROUNDS = 3;

  /** After that the control plane has done what the creation of requests brings with it. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  private static final int PER_SECOND = 20;
  private static final int SECONDS = 30;
  private static final int FLOOD = 2_000;

  /**
   * A program to measure.
   *
   * @param command its words; it finds the cluster by {@code $KUBECONFIG}
   */
  record Peer(String name, List<String> command) {}

  private final Stage stage;
  private final int many;
  private final List<Peer> peers;
  private final Report report;

  /** Measures with so many requests, as many as there are Nodes. */
  PeersBench(Stage stage, int many, List<Peer> peers) throws IOException {
    this.stage = stage;
    this.many = many;
    this.peers = peers;
    this.report = new Report("Beside other approvers", "bench/approver peers " + many, System.out);
  }

  /** Peers from a file: in each line a name and the words of a command. */
  static List<Peer> read(Path file) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (String line : file.toString().isEmpty() ? List.<String>of() : Files.readAllLines(file)) {
      List<String> words = List.of(line.strip().split("\\s+"));
      if (words.size() > 1) {
        peers.add(new Peer(words.getFirst(), words.subList(1, words.size())));
      }
    }
    return peers;
  }

  @FunctionalInterface
  private interface Start {
    ApproverProcess start() throws IOException;
  }

  /** What one program did: rates a second, times in milliseconds, MiB. */
  private record Row(
      String name, double live, double drain, double p50, double p99, double flooded, long mib) {}

  /** Measures, and writes a page into {@code results}. */
  void run(Path results) throws Exception {
    stage.prepare(many, 0);
    List<Row> rows = new ArrayList<>();
    rows.add(measure("countersign", () -> stage.approver(List.of())));
    for (Peer peer : peers) {
      rows.add(measure(peer.name(), () -> stage.program(peer.command())));
    }
    report.line(
        "%d requests of as many Nodes. Live: all wait while the program is stopped, and it goes on;"
            + " the median of %d. From start: all wait, and the program is started; the median of"
            + " %d. Create to approved: %d a second for %d s; flooded: while one Node sends %d"
            + " more.",
        many, ROUNDS, ROUNDS, PER_SECOND, SECONDS, FLOOD);
    report.line("");
    report.line("| | live | from start | p50 | p99 | p99 flooded | resident after |");
    report.line("|---|---|---|---|---|---|---|");
    for (Row row : rows) {
      report.line(
          "| %s | %.0f/s | %.0f/s | %.1f ms | %.1f ms | %.0f ms | %d MiB |",
          row.name(), row.live(), row.drain(), row.p50(), row.p99(), row.flooded(), row.mib());
    }
    if (rows.size() > 1) {
      ratios(rows.getFirst(), rows.subList(1, rows.size()));
    }
    report.write(results.resolve("peers.md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, many);
  }

  private void ratios(Row ours, List<Row> others) {
    double live = others.stream().mapToDouble(Row::live).max().orElseThrow();
    double drain = others.stream().mapToDouble(Row::drain).max().orElseThrow();
    double p99 = others.stream().mapToDouble(Row::p99).min().orElseThrow();
    report.line("");
    report.line("| of the better one | here | budget |");
    report.line("|---|---|---|");
    report.line("| live | %.2f | at least 1.5 |", ours.live() / live);
    report.line("| from start | %.2f | at least 1.0 |", ours.drain() / drain);
    report.line("| p99 | %.2f | at most 2 |", ours.p99() / p99);
    report.line("| p99 flooded, of its own p99 | %.1f | at most 5 |", ours.flooded() / ours.p99());
  }

  private Row measure(String name, Start start) throws Exception {
    String prefix = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    List<Double> drain = new ArrayList<>();
    for (int round = 1; round < ROUNDS; round++) {
      try (ApproverProcess approver = drained(start, prefix + "drain" + round + "x", drain)) {
        approver.awaitIdle();
      }
    }
    try (ApproverProcess approver = drained(start, prefix + "drain", drain)) {
      approver.awaitIdle();
      List<Double> live = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        live.add(
            many / Stage.seconds(stage.waiting(approver, prefix + "live" + round + "x", many)));
      }
      approver.awaitIdle();
      Latencies calm = latencies(prefix + "calm", 0);
      Latencies flooded = latencies(prefix + "flood", FLOOD);
      return new Row(
          name,
          Report.median(live),
          Report.median(drain),
          calm.percentile(50),
          calm.percentile(99),
          flooded.percentile(99),
          approver.residentMiB());
    } finally {
      stage.cluster().clean();
    }
  }

  /** Starts one while all requests wait, and notes how many it approved in a second until then. */
  private ApproverProcess drained(Start start, String prefix, List<Double> rates) throws Exception {
    Stage.Waiting waiting = stage.create(prefix, many);
    Thread.sleep(SETTLED);
    long started = System.nanoTime();
    ApproverProcess approver = start.start();
    try {
      rates.add(many / Stage.seconds(stage.untilApproved(waiting, started)));
      return approver;
    } catch (Exception e) {
      approver.close();
      throw e;
    }
  }

  private Latencies latencies(String prefix, int flood) throws InterruptedException {
    int others = many - 1;
    try (ExecutorService flooding = Executors.newVirtualThreadPerTaskExecutor()) {
      flooding.execute(() -> stage.flood(prefix + "er", flood, others));
      return Latencies.measure(
          stage.approvals(),
          prefix,
          PER_SECOND * SECONDS,
          Duration.ofSeconds(1).dividedBy(PER_SECOND),
          i -> stage.createOne(prefix + "-" + i, i % others));
    }
  }
}
