package dev.countersign.bench.storm;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.Follower;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.PrintStream;
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
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The whole-system benchmark; {@code bench/storm} starts it.
 *
 * <p>Rates compare what happens in one run on one machine: the check-free loop and the approver
 * take turns on the same API server and the table gives their ratio. Requests wait before the clock
 * starts (the running approver is stopped by SIGSTOP meanwhile), so that only approving is
 * measured.
 */
public final class Storm {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Cluster cluster;
  private final Path kubeconfig;
  private final int count;
  private final List<String> pems = new ArrayList<>();
  private final Map<String, Long> approvedAt = new ConcurrentHashMap<>();

  private Storm(Cluster cluster, Path kubeconfig, int count) {
    this.cluster = cluster;
    this.kubeconfig = kubeconfig;
    this.count = count;
  }

  /** Arguments: the kubeconfig of an administrator, and how many requests make a storm. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("usage: bench/storm KUBECONFIG COUNT");
      System.exit(2);
    }
    Path kubeconfig = Path.of(arguments[0]);
    CredentialsResult result =
        ClientCredentials.fromKubeconfig(kubeconfig, Optional.empty(), InstantSource.system());
    switch (result) {
      case CredentialsResult.Usable(ClientCredentials credentials) -> {
        try (Cluster cluster = new Cluster(credentials)) {
          new Storm(cluster, kubeconfig, Integer.parseInt(arguments[1])).run(System.out);
        }
      }
      case CredentialsResult.Unusable(String problem) -> {
        System.err.println(problem);
        System.exit(1);
      }
    }
  }

  private void run(PrintStream out) throws IOException, InterruptedException {
    prepare();
    CollectionWatch<CsrObject> watch = follow();
    Thread watching = Thread.ofVirtual().start(watch);
    out.println("| what | requests/s | of the loop |");
    out.println("|---|---|---|");
    double warm = loop("warm", Math.min(count, 200));
    double loop = loop("loop-a", count);
    row(out, "check-free loop, 32 writes at a time (warm-up " + (long) warm + "/s)", loop, loop);

    double drained = drain(loop, out);
    Process approver = start();
    awaitFirst("ready");
    double live = live(approver, "live-a");
    row(out, "approver running, " + count + " waiting", live, loop);
    double loopAgain = loop("loop-b", 0);
    if (loopAgain > 0) {
      row(out, "check-free loop again", loopAgain, loop);
    }
    Duration before = cpu(approver);
    double second = live(approver, "live-b");
    Duration used = cpu(approver).minus(before);
    row(out, "approver running, second storm", second, loop);
    out.printf("%nCPU for that second storm: %.2f s per 1,000%n", seconds(used) * 1000 / count);
    out.printf("resident after it: %d MiB%n", residentMiB(approver));
    latency(out, "20/s", 0);
    latency(out, "20/s while one node floods 2,000", 2000);
    approver.destroy();
    approver.waitFor(20, TimeUnit.SECONDS);
    out.printf("drained from process start: ratio %.2f%n", drained / loop);
    watch.close();
    watching.interrupt();
    cluster.clean();
  }

  private static void row(PrintStream out, String what, double rate, double loop) {
    out.printf("| %s | %.0f | %.2f |%n", what, rate, rate / loop);
  }

  /** Nodes, and a request for each, signed in advance. */
  private void prepare() throws InterruptedException {
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < count; i++) {
      pems.add("");
    }
    Cluster.inParallel(
        count,
        i -> {
          cluster.createNode(i);
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

  private List<Cluster.Created> create(String prefix, int many) throws InterruptedException {
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

  private double loop(String prefix, int many) throws InterruptedException {
    if (many == 0) {
      return 0;
    }
    List<Cluster.Created> created = create(prefix, many);
    Duration took = Cluster.inParallel(many, i -> cluster.approveBlindly(created.get(i)));
    return many / seconds(took);
  }

  private double drain(double loop, PrintStream out) throws IOException, InterruptedException {
    create("drain", count);
    long started = System.nanoTime();
    Process approver = start();
    awaitApproved("drain", count);
    double rate = count / seconds(Duration.ofNanos(System.nanoTime() - started));
    row(out, "drained from process start", rate, loop);
    approver.destroy();
    approver.waitFor(20, TimeUnit.SECONDS);
    return rate;
  }

  private double live(Process approver, String prefix) throws IOException, InterruptedException {
    signal(approver, "STOP");
    create(prefix, count);
    long started = System.nanoTime();
    signal(approver, "CONT");
    awaitApproved(prefix, count);
    return count / seconds(Duration.ofNanos(System.nanoTime() - started));
  }

  private void awaitFirst(String prefix) throws InterruptedException {
    createOne(prefix + "-0", 0);
    awaitApproved(prefix, 1);
  }

  private void latency(PrintStream out, String what, int flood) throws InterruptedException {
    String prefix = "latency-" + flood;
    Map<String, Long> createdAt = new ConcurrentHashMap<>();
    Thread flooding =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < flood; i++) {
                    createOne("flood-" + i, count - 1);
                  }
                });
    int many = 300;
    for (int i = 0; i < many; i++) {
      String name = prefix + "-" + i;
      int node = i % (count - 1);
      createdAt.put(name, System.nanoTime());
      Thread.ofVirtual().start(() -> createOne(name, node));
      Thread.sleep(50);
    }
    flooding.join();
    awaitApproved(prefix, many);
    List<Double> millis =
        createdAt.entrySet().stream()
            .map(
                entry ->
                    (approvedAt.getOrDefault(entry.getKey(), Long.MAX_VALUE) - entry.getValue())
                        / 1e6)
            .sorted()
            .toList();
    out.printf(
        "create sent -> approval seen, %s: p50 %.0f ms, p99 %.0f ms%n",
        what, millis.get(many / 2), millis.get(many * 99 / 100));
  }

  private void awaitApproved(String prefix, int many) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (approvedAt.keySet().stream().filter(name -> name.startsWith(prefix + "-")).count()
        < many) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException(prefix + ": not all approved within " + PATIENCE);
      }
      Thread.sleep(10);
    }
  }

  private CollectionWatch<CsrObject> follow() {
    return new CollectionWatch<>(
        cluster.client(),
        "certificatesigningrequests",
        ListQuery.all(Cluster.REQUESTS),
        CsrObject::decode,
        new Follower<>() {
          @Override
          public void listStarted() {}

          @Override
          public void listed(CsrObject csr) {
            changed(csr);
          }

          @Override
          public void listEnded() {}

          @Override
          public void changed(CsrObject csr) {
            if (csr.view().conditions().contains("Approved")) {
              approvedAt.putIfAbsent(csr.name(), System.nanoTime());
            }
          }

          @Override
          public void deleted(CsrObject csr) {}
        },
        CollectionWatch.Timing.defaults(),
        WatchObserver.NONE,
        new Random(1));
  }

  /** The approver as a process of its own, with the JVM options of the launcher. */
  private Process start() throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-Xms8m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.countersign.cli.Countersign",
            "approver",
            "--kubeconfig",
            kubeconfig.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void signal(Process process, String name)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + " did not work; has the approver ended?");
    }
  }

  private static Duration cpu(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static long residentMiB(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException("/proc has no VmRSS");
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
