package dev.countersign.bench.approver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How long new Nodes of a large cluster wait for their first serving certificates, which takes a
 * record of their names and addresses, while nothing else happens and while one Node changes all of
 * its addresses ten times a second.
 */
final class OwnershipBench {
  private static final int SECONDS = 60;
  private static final int NEWCOMERS_PER_SECOND = 5;
  private static final int ADDRESSES = 98;
  private static final Duration BETWEEN_CHANGES = Duration.ofMillis(100);

  private final Stage stage;
  private final int nodes;
  private final Report report;
  private int joined;

  /** One on {@code stage}, with so many Nodes before the newcomers. */
  OwnershipBench(Stage stage, int nodes) throws IOException {
    this.stage = stage;
    this.nodes = nodes;
    this.report =
        new Report("The record of addresses", "bench/approver ownership " + nodes, System.out);
  }

  /** Measures, and writes a page into {@code results}. */
  void run(Path results) throws Exception {
    stage.prepare(nodes, 2_000);
    int perPart = SECONDS * NEWCOMERS_PER_SECOND;
    stage.prepareRequests(nodes + 4 * perPart);
    report.line(
        "%d Nodes; %d more join each second. From the creation of a Node, whose request follows at"
            + " once, until its certificate is approved.",
        nodes, NEWCOMERS_PER_SECOND);
    report.line("");
    report.line("| what happens meanwhile | p50 | p90 | p99 | longest | resident |");
    report.line("|---|---|---|---|---|---|");
    double calm;
    double changing;
    try (ApproverProcess approver = stage.running("ready", List.of())) {
      part(approver, "nothing (to warm up)", "warm");
      calm = part(approver, "nothing", "calm");
      AtomicBoolean enough = new AtomicBoolean();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<?> churn = threads.submit(() -> change(enough));
        try {
          changing = part(approver, "one Node changes 98 addresses ten times a second", "first");
          changing =
              Math.max(changing, part(approver, "the same, the second minute of it", "second"));
        } finally {
          enough.set(true);
          churn.get();
        }
      }
      approver.awaitIdle();
      report.line("");
      report.line("Resident once all is quiet again: %d MiB.", approver.residentMiB());
    }
    report.line("");
    report.line(
        "p99 while one Node changes, of the calm one: %.1f (budget: 2.0).", changing / calm);
    report.write(results.resolve("ownership.md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, nodes + joined);
  }

  private Void change(AtomicBoolean enough) throws InterruptedException {
    for (int round = 0; !enough.get(); round++) {
      List<String> addresses = new ArrayList<>();
      for (int i = 0; i < ADDRESSES; i++) {
        int number = round * ADDRESSES + i;
        addresses.add("198.18." + number / 250 % 250 + "." + number % 250);
      }
      stage.cluster().writeAddresses(0, addresses);
      Thread.sleep(BETWEEN_CHANGES);
    }
    return null;
  }

  /** Has Nodes join; the 99th percentile of their times in milliseconds. */
  private double part(ApproverProcess approver, String what, String prefix)
      throws IOException, InterruptedException {
    int first = nodes + joined;
    int many = SECONDS * NEWCOMERS_PER_SECOND;
    joined += many;
    Latencies latencies =
        Latencies.measure(
            stage.approvals(),
            prefix,
            many,
            Duration.ofSeconds(1).dividedBy(NEWCOMERS_PER_SECOND),
            i -> {
              stage.cluster().createNode(first + i, 2_000);
              stage.createOne(prefix + "-" + i, first + i);
            });
    report.line("| %s | %s | %d MiB |", what, latencies.cells(), approver.residentMiB());
    return latencies.percentile(99);
  }
}
