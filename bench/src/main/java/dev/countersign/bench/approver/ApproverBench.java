package dev.countersign.bench.approver;

import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Whole-system benchmarks of the approver; {@code bench/approver} starts them.
 *
 * <p>What is compared is measured in one run on one machine, one after another on the same API
 * server.
 */
public final class ApproverBench {
  private static final String USAGE =
      "usage: bench/approver latency|memory|start|growth|ownership|peers [COUNT]";

  private final Stage stage;
  private final Path results;
  private final Path peers;

  private ApproverBench(Stage stage, Path results, Path peers) {
    this.stage = stage;
    this.results = results;
    this.peers = peers;
  }

  /**
   * Arguments: what to measure, how many requests, the kubeconfig of an administrator, a directory
   * for files, one for results, a file of peers or an empty text, and the launcher's words.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 7) {
      System.err.println(USAGE);
      System.exit(2);
    }
    Path kubeconfig = Path.of(arguments[2]);
    CredentialsResult result =
        ClientCredentials.fromKubeconfig(kubeconfig, Optional.empty(), InstantSource.system());
    if (!(result instanceof CredentialsResult.Usable(ClientCredentials credentials))) {
      System.err.println(result);
      System.exit(1);
      return;
    }
    try (Cluster cluster = new Cluster(credentials)) {
      // Before anything watches: what a killed run left would count as approved in this one.
      cluster.clean();
      List<String> launcher = List.of(arguments).subList(6, arguments.length);
      try (Stage stage = new Stage(cluster, kubeconfig, Path.of(arguments[3]), launcher)) {
        new ApproverBench(stage, Path.of(arguments[4]), Path.of(arguments[5]))
            .run(arguments[0], Integer.parseInt(arguments[1]));
      }
    }
  }

  private void run(String what, int count) throws Exception {
    switch (what) {
      case "latency" -> latency(count);
      case "memory" -> memory(count);
      case "start" -> start();
      case "growth" -> growth();
      case "peers" -> new PeersBench(stage, count, PeersBench.read(peers)).run(results);
      case "ownership" -> new OwnershipBench(stage, count).run(results);
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }

  private void latency(int seconds) throws IOException, InterruptedException {
    Report report =
        new Report("From create to approved", "bench/approver latency " + seconds, System.out);
    stage.prepare(200, 0);
    report.line("Create is sent, approval is seen in a watch; both by the benchmark.");
    report.line("");
    report.line("| load | p50 | p90 | p99 | longest |");
    report.line("|---|---|---|---|---|");
    measure(
        report,
        "20/s, approved without checks as soon as create returns",
        "unchecked",
        seconds * 20,
        0,
        stage.cluster()::approveUnchecked);
    try (ApproverProcess approver = stage.running("ready", List.of())) {
      stage.waiting(approver, "warm", 200);
      measure(report, "20/s", "calm", seconds * 20, 0, created -> {});
      measure(
          report, "20/s while one node floods 2,000", "flood", seconds * 20, 2000, created -> {});
      report.line("");
      report.line(
          "Budget: p99 in the flood at most 5 times the calm one; bench/approver peers has the"
              + " rest.");
    }
    report.write(results.resolve("latency.md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, 200);
  }

  private void measure(
      Report report,
      String what,
      String prefix,
      int many,
      int flood,
      Consumer<Cluster.Created> andThen)
      throws InterruptedException {
    try (ExecutorService flooding = Executors.newVirtualThreadPerTaskExecutor()) {
      flooding.execute(() -> stage.flood(prefix + "er", flood, 199));
      Latencies latencies =
          Latencies.measure(
              stage.approvals(),
              prefix,
              many,
              Duration.ofMillis(50),
              i -> andThen.accept(stage.createOne(prefix + "-" + i, i % 199)));
      report.line("| %s | %s |", what, latencies.cells());
    }
  }

  private void memory(int nodes) throws IOException, InterruptedException {
    Report report = new Report("Resident memory", "bench/approver memory " + nodes, System.out);
    report.line("| state | resident | peak |");
    report.line("|---|---|---|");
    stage.prepare(1, 0);
    try (ApproverProcess approver = stage.running("idle", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, "1 Node, just started");
      Thread.sleep(15_000);
      memoryRow(report, approver, "the same, idle for 20 seconds");
    }
    stage.prepare(nodes, 15_000);
    try (ApproverProcess approver = stage.running("full", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, nodes + " Nodes of 15 KB, just started");
      for (int i = 0; i < 2; i++) {
        String prefix = "bulk" + i;
        stage.create(prefix, nodes);
        stage.approvals().await(prefix, nodes);
      }
      memoryRow(report, approver, "the same after " + 2 * nodes + " requests");
      Thread.sleep(20_000);
      memoryRow(report, approver, "20 seconds later");
    }
    try (ApproverProcess approver = stage.running("again", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, "started anew with all of these there");
    }
    report.line("");
    report.line("Budgets: 120 MiB idle, 180 MiB with 5,000 Nodes of 15 KB and 10,000 requests.");
    report.write(results.resolve("memory.md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, nodes);
  }

  private static void memoryRow(Report report, ApproverProcess approver, String what)
      throws IOException {
    report.line("| %s | %d MiB | %d MiB |", what, approver.residentMiB(), approver.peakMiB());
  }

  private void start() throws IOException, InterruptedException {
    Report report =
        new Report("From process start to the first decision", "bench/approver start", System.out);
    stage.prepare(1, 0);
    List<Double> millis = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      stage.createOne("start" + i + "-0", 0);
      long started = System.nanoTime();
      try (ApproverProcess approver = stage.approver(List.of())) {
        millis.add((stage.approvals().await("start" + i, 1) - started) / 1e6);
        cpu.add(Stage.seconds(approver.cpu()) * 1000);
      }
    }
    report.line("| | median | least | most |");
    report.line("|---|---|---|---|");
    report.line(
        "| until the approval is seen | %.0f ms | %.0f ms | %.0f ms |",
        Report.median(millis), Collections.min(millis), Collections.max(millis));
    report.line(
        "| CPU until then | %.0f ms | %.0f ms | %.0f ms |",
        Report.median(cpu), Collections.min(cpu), Collections.max(cpu));
    report.line("");
    report.line("Budget: 1.5 s.");
    report.write(results.resolve("start.md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, 1);
  }

  private void growth() throws IOException, InterruptedException {
    Report report =
        new Report("How cost grows with the cluster", "bench/approver growth", System.out);
    report.line("| Nodes | start to first decision | all renew: rate | CPU per 1,000 | resident |");
    report.line("|---|---|---|---|---|");
    for (int nodes : new int[] {100, 1000, 5000, 10_000}) {
      stage.prepare(nodes, 15_000);
      String suffix = Integer.toString(nodes);
      // The first start records what the new Nodes claim; the second is the usual one.
      try (ApproverProcess approver = stage.running("record" + suffix, List.of())) {
        approver.awaitIdle();
      }
      stage.createOne("first" + suffix + "-0", 0);
      long started = System.nanoTime();
      try (ApproverProcess approver = stage.approver(List.of())) {
        double first = (stage.approvals().await("first" + suffix, 1) - started) / 1e6;
        Duration before = approver.cpu();
        double rate = nodes / Stage.seconds(stage.waiting(approver, "renew" + suffix, nodes));
        report.line(
            "| %d | %.0f ms | %.0f/s | %.2f s | %d MiB |",
            nodes,
            first,
            rate,
            Stage.seconds(approver.cpu().minus(before)) * 1000 / nodes,
            approver.residentMiB());
      }
      stage.cluster().clean();
    }
    report.write(results.resolve("growth.md"));
    stage.cluster().deleteNodes(0, 10_000);
  }
}
