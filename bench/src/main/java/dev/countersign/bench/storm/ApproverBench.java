package dev.countersign.bench.storm;

import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Whole-system benchmarks of the approver; {@code bench/approver} starts them.
 *
 * <p>Rates compare what happens in one run on one machine: a loop that approves without looking and
 * the approver take turns on the same API server, and the table gives their ratio.
 */
public final class ApproverBench {
  private static final String USAGE =
      "usage: bench/approver storm|access|latency|memory|start|growth [COUNT]";
  private static final String ACCESS_POLICY =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        subjectAccessReview:
          mode: Required
      """;

  private final Cluster cluster;
  private final Approvals approvals;
  private final Path kubeconfig;
  private final Path folder;
  private final Path results;
  private final List<String> launcher;
  private final List<String> pems = new ArrayList<>();

  private ApproverBench(
      Cluster cluster, Path kubeconfig, Path folder, Path results, List<String> launcher) {
    this.cluster = cluster;
    this.approvals = new Approvals(cluster.client());
    this.kubeconfig = kubeconfig;
    this.folder = folder;
    this.results = results;
    this.launcher = launcher;
  }

  /**
   * Arguments: what to measure, how many requests, the kubeconfig of an administrator, a folder for
   * files, one for results, and the launcher's words.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 6) {
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
      ApproverBench bench =
          new ApproverBench(
              cluster,
              kubeconfig,
              Path.of(arguments[3]),
              Path.of(arguments[4]),
              List.of(arguments).subList(5, arguments.length));
      bench.run(arguments[0], Integer.parseInt(arguments[1]));
      bench.approvals.close();
    }
  }

  private void run(String what, int count) throws IOException, InterruptedException {
    switch (what) {
      case "storm" -> storm(count, false);
      case "access" -> storm(count, true);
      case "latency" -> latency(count);
      case "memory" -> memory(count);
      case "start" -> start();
      case "growth" -> growth();
      default -> {
        System.err.println(USAGE);
        System.exit(2);
      }
    }
  }

  private ApproverProcess approver(List<String> arguments) throws IOException {
    return ApproverProcess.start(launcher, kubeconfig, folder.resolve("approver.log"), arguments);
  }

  private List<String> accessReview() throws IOException {
    Path file = folder.resolve("policy.yaml");
    Files.writeString(file, ACCESS_POLICY);
    return List.of("--policy", file.toString());
  }

  /** Nodes, and a request for each, signed in advance. */
  private void prepare(int count, int nodeBytes) throws InterruptedException {
    SecureRandom random = new SecureRandom();
    int before = pems.size();
    for (int i = before; i < count; i++) {
      pems.add("");
    }
    Cluster.inParallel(
        count - before,
        at -> {
          int i = before + at;
          cluster.createNode(i, nodeBytes);
          try {
            byte[] address = InetAddress.getByName(Cluster.address(i)).getAddress();
            pems.set(
                i,
                RequestSigner.kubeletServing(
                        Cluster.node(i),
                        List.of(
                            new SubjectAltName.Dns(Cluster.node(i)),
                            new SubjectAltName.Ip(Bytes.copyOf(address))),
                        KeyPair.generate(KeySpec.ECDSA_P256, random),
                        random)
                    .toPem());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Creates requests, when all is quiet. */
  private List<Cluster.Created> create(String prefix, int many) throws InterruptedException {
    approvals.awaitSigned();
    List<Cluster.Created> created = Collections.synchronizedList(new ArrayList<>());
    Cluster.inParallel(many, i -> created.add(createOne(prefix + "-" + i, i)));
    return created;
  }

  private Cluster.Created createOne(String name, int node) {
    try {
      return cluster.createRequest(name, node, pems.get(node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rate of approving without looking, 32 at a time, of requests that wait already. */
  private double loop(String prefix, int many, boolean access) throws InterruptedException {
    List<Cluster.Created> created = create(prefix, many);
    Duration took =
        Cluster.inParallel(
            many,
            i -> {
              if (access) {
                cluster.review(i);
              }
              cluster.approveBlindly(created.get(i));
            });
    return many / seconds(took);
  }

  /** The rate of a running approver that finds all of them waiting. */
  private double waiting(ApproverProcess approver, String prefix, int many)
      throws IOException, InterruptedException {
    approver.signal("STOP");
    create(prefix, many);
    long started = System.nanoTime();
    approver.signal("CONT");
    return many / seconds(approvals.await(prefix, many) - started);
  }

  /** The rate from a process's start to the last of those that wait. */
  private double drain(String prefix, int many, List<String> arguments)
      throws IOException, InterruptedException {
    create(prefix, many);
    long started = System.nanoTime();
    try (ApproverProcess _ = approver(arguments)) {
      return many / seconds(approvals.await(prefix, many) - started);
    }
  }

  /** One that has been there for some seconds, has decided on one request, and rests. */
  private ApproverProcess running(String prefix, List<String> arguments)
      throws IOException, InterruptedException {
    ApproverProcess approver = approver(arguments);
    createOne(prefix + "-0", 0);
    approvals.await(prefix, 1);
    // It rehearses as soon as nothing has come for two seconds.
    Thread.sleep(5000);
    approver.awaitIdle();
    return approver;
  }

  private void storm(int count, boolean access) throws IOException, InterruptedException {
    String name = (access ? "access-" : "storm-") + count;
    Report report =
        new Report(
            "A storm of " + count + " requests" + (access ? ", with SubjectAccessReview" : ""),
            "bench/approver " + (access ? "access " : "storm ") + count,
            System.out);
    List<String> arguments = access ? accessReview() : List.of();
    prepare(count, 0);
    loop("warm", Math.min(count, 300), access);
    report.line(
        "Ratios are to the mean of the loops just before and just after. Each part begins when all"
            + " that were approved before it are signed.");
    report.line("");
    report.line("| round | what | requests/s | of the loop |");
    report.line("|---|---|---|---|");
    int rounds = count > 3000 ? 1 : 7;
    List<Double> live = new ArrayList<>();
    List<Double> drained = new ArrayList<>();
    double cpu = 0;
    long resident = 0;
    for (int round = 1; round <= rounds; round++) {
      double loop = loopRow(report, round, "a", count, access);
      double fromStart = drain("drain" + round, count, arguments);
      double next = loopRow(report, round, "b", count, access);
      String drain = "waiting ones drained, process start included";
      drained.add(row(report, round, drain, fromStart, loop, next));
      loop = next;
      try (ApproverProcess approver = running("ready" + round, arguments)) {
        Duration before = approver.cpu();
        double first = waiting(approver, "first" + round, count);
        Duration between = approver.cpu();
        // Stopped, or it would be quicker than the loop.
        approver.signal("STOP");
        next = loopRow(report, round, "c", count, access);
        double one = row(report, round, "running approver, first storm", first, loop, next);
        loop = next;
        // The watch brings it all that the loop did, and that is no part of the storm.
        approver.signal("CONT");
        approver.awaitIdle();
        Duration caughtUp = approver.cpu();
        double second = waiting(approver, "second" + round, count);
        double perThousand = seconds(approver.cpu().minus(caughtUp)) * 1000 / count;
        resident = Math.max(resident, approver.residentMiB());
        approver.signal("STOP");
        next = loopRow(report, round, "d", count, access);
        double other = row(report, round, "running approver, second storm", second, loop, next);
        report.line(
            "| %d | CPU of the approver for 1,000 approvals: second storm; first one |"
                + " %.2f s; %.2f s | |",
            round, perThousand, seconds(between.minus(before)) * 1000 / count);
        cpu += perThousand / rounds;
        live.add((one + other) / 2);
        approver.signal("CONT");
      }
      if (round < rounds) {
        cluster.clean();
      }
    }
    report.line("");
    report.line("| budget | result |");
    report.line("|---|---|");
    report.line("| running approver ≥ 0.9 of the loop | %.2f (median) |", median(live));
    report.line("| from process start ≥ 0.7 of the loop | %.2f (median) |", median(drained));
    report.line("| CPU ≤ 2 s for 1,000 approvals | %.2f s (mean) |", cpu);
    report.line("| resident after the storms | %d MiB |", resident);
    report.write(results.resolve(name + ".md"));
    cluster.clean();
    cluster.deleteNodes(0, count);
  }

  private double loopRow(Report report, int round, String which, int count, boolean access)
      throws InterruptedException {
    double rate = loop("loop" + which + round, count, access);
    report.line("| %d | check-free loop, 32 at a time | %.0f | 1.00 |", round, rate);
    return rate;
  }

  /** A rate beside those of the loop just before and after, since a machine's speed wanders. */
  private static double row(
      Report report, int round, String what, double rate, double before, double after) {
    double ratio = rate / ((before + after) / 2);
    report.line("| %d | %s | %.0f | %.2f |", round, what, rate, ratio);
    return ratio;
  }

  private void latency(int seconds) throws IOException, InterruptedException {
    Report report =
        new Report("From create to approved", "bench/approver latency " + seconds, System.out);
    prepare(200, 0);
    loop("warm-loop", 200, false);
    report.line("Create is sent, approval is seen in a watch; both by the benchmark.");
    report.line("");
    report.line("| load | p50 | p90 | p99 | longest |");
    report.line("|---|---|---|---|---|");
    measure(
        report,
        "20/s, approved by the benchmark, without looking, as soon as create returns",
        "blind",
        seconds * 20,
        0,
        cluster::approveBlindly);
    try (ApproverProcess approver = running("ready", List.of())) {
      waiting(approver, "warm", 200);
      measure(report, "20/s", "calm", seconds * 20, 0, created -> {});
      measure(
          report, "20/s while one node floods 2,000", "flood", seconds * 20, 2000, created -> {});
      report.line("");
      report.line("Budgets: p50 ≤ 10 ms, p99 ≤ 50 ms; in the flood p99 ≤ 100 ms.");
    }
    report.write(results.resolve("latency.md"));
    cluster.clean();
    cluster.deleteNodes(0, 200);
  }

  private void measure(
      Report report,
      String what,
      String prefix,
      int many,
      int flood,
      Consumer<Cluster.Created> andThen)
      throws InterruptedException {
    Map<String, Long> createdAt = new ConcurrentHashMap<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.execute(
          () -> {
            for (int i = 0; i < flood; i++) {
              createOne(prefix + "er-" + i, 199);
            }
          });
      long next = System.nanoTime();
      for (int i = 0; i < many; i++) {
        String name = prefix + "-" + i;
        int node = i % 199;
        executor.execute(
            () -> {
              createdAt.put(name, System.nanoTime());
              andThen.accept(createOne(name, node));
            });
        next += 50_000_000;
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    }
    approvals.await(prefix, many);
    List<Double> millis =
        createdAt.entrySet().stream()
            .map(entry -> (approvals.nanosOf(entry.getKey()) - entry.getValue()) / 1e6)
            .sorted()
            .toList();
    report.line(
        "| %s | %.1f ms | %.1f ms | %.1f ms | %.1f ms |",
        what,
        millis.get(many / 2),
        millis.get(many * 90 / 100),
        millis.get(many * 99 / 100),
        millis.getLast());
  }

  private void memory(int nodes) throws IOException, InterruptedException {
    Report report = new Report("Resident memory", "bench/approver memory " + nodes, System.out);
    report.line("| state | resident | peak |");
    report.line("|---|---|---|");
    prepare(1, 0);
    try (ApproverProcess approver = running("idle", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, "1 Node, just started");
      Thread.sleep(15_000);
      memoryRow(report, approver, "the same, idle for 20 seconds");
    }
    prepare(nodes, 15_000);
    try (ApproverProcess approver = running("full", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, nodes + " Nodes of 15 KB, just started");
      for (int i = 0; i < 2; i++) {
        String prefix = "bulk" + i;
        create(prefix, nodes);
        approvals.await(prefix, nodes);
      }
      memoryRow(report, approver, "the same after " + 2 * nodes + " requests");
      Thread.sleep(20_000);
      memoryRow(report, approver, "20 seconds later");
    }
    try (ApproverProcess approver = running("again", List.of())) {
      Thread.sleep(5000);
      memoryRow(report, approver, "started anew with all of these there");
    }
    report.line("");
    report.line("Budgets: 80 MiB idle, 160 MiB with 5,000 Nodes of 15 KB and 10,000 requests.");
    report.write(results.resolve("memory.md"));
    cluster.clean();
    cluster.deleteNodes(0, nodes);
  }

  private static void memoryRow(Report report, ApproverProcess approver, String what)
      throws IOException {
    report.line("| %s | %d MiB | %d MiB |", what, approver.residentMiB(), approver.peakMiB());
  }

  private void start() throws IOException, InterruptedException {
    Report report =
        new Report("From process start to the first decision", "bench/approver start", System.out);
    prepare(1, 0);
    List<Double> millis = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      createOne("start" + i + "-0", 0);
      long started = System.nanoTime();
      try (ApproverProcess approver = approver(List.of())) {
        millis.add((approvals.await("start" + i, 1) - started) / 1e6);
        cpu.add(seconds(approver.cpu()) * 1000);
      }
    }
    report.line("| | median | least | most |");
    report.line("|---|---|---|---|");
    report.line(
        "| until the approval is seen | %.0f ms | %.0f ms | %.0f ms |",
        median(millis), Collections.min(millis), Collections.max(millis));
    report.line(
        "| CPU until then | %.0f ms | %.0f ms | %.0f ms |",
        median(cpu), Collections.min(cpu), Collections.max(cpu));
    report.line("");
    report.line("Budget: 1 s with the AOT cache, which the launcher uses where it is there.");
    report.write(results.resolve("start.md"));
    cluster.clean();
    cluster.deleteNodes(0, 1);
  }

  private void growth() throws IOException, InterruptedException {
    Report report =
        new Report("How cost grows with the cluster", "bench/approver growth", System.out);
    report.line(
        "| Nodes | start to first decision | all renew: rate | of the loop | CPU per 1,000 |"
            + " resident |");
    report.line("|---|---|---|---|---|---|");
    List<Long> resident = new ArrayList<>();
    for (int nodes : new int[] {100, 1000, 5000, 10_000}) {
      prepare(nodes, 15_000);
      String suffix = Integer.toString(nodes);
      // The first start records what the new Nodes claim; the second is the usual one.
      try (ApproverProcess approver = running("record" + suffix, List.of())) {
        approver.awaitIdle();
      }
      // Without an approver, or it would be quicker than the loop.
      double loop = loop("loop" + suffix, Math.min(nodes, 1000), false);
      createOne("first" + suffix + "-0", 0);
      long started = System.nanoTime();
      try (ApproverProcess approver = approver(List.of())) {
        double first = (approvals.await("first" + suffix, 1) - started) / 1e6;
        Duration before = approver.cpu();
        double rate = waiting(approver, "renew" + suffix, nodes);
        resident.add(approver.residentMiB());
        report.line(
            "| %d | %.0f ms | %.0f/s | %.2f | %.2f s | %d MiB |",
            nodes,
            first,
            rate,
            rate / loop,
            seconds(approver.cpu().minus(before)) * 1000 / nodes,
            resident.getLast());
      }
      cluster.clean();
    }
    report.line("");
    report.line("Resident memory:");
    report.line("");
    report.line("```");
    int[] sizes = {100, 1000, 5000, 10_000};
    for (int i = 0; i < sizes.length; i++) {
      report.line(
          "%6d  %s %d MiB", sizes[i], "#".repeat((int) (resident.get(i) / 4)), resident.get(i));
    }
    report.line("```");
    report.write(results.resolve("growth.md"));
    cluster.deleteNodes(0, 10_000);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
