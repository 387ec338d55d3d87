package dev.countersign.approver.server;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.facts.ApiLookUps;
import dev.countersign.approver.facts.ApproverCaches;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.ownership.AddressOwnershipStore;
import dev.countersign.approver.ownership.OwnershipListener;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.gather.FactSource;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.testkit.CsrForge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A cluster, and what an approver looks facts up with. Nothing is followed until it is asked. */
public final class Surroundings implements AutoCloseable {
  /** Whose an address is, AddressOwnershipStoreTest looks at. */
  public static final Ownership NO_RECORDS =
      new Ownership(
          false,
          Set.of(),
          List.of(),
          Duration.ofSeconds(30),
          Ownership.SiblingNames.ASSIGNED,
          Ownership.PerNode.defaults());

  private final FakeCluster cluster;
  private final ApiClient client;
  private final InformerCaches facts;
  private final ApiLookUps lookUps;
  private final FactSource source;

  public Surroundings(
      Path directory,
      PendingRequests pending,
      ApproverMetrics metrics,
      StructuredLog log,
      InstantSource clock) {
    cluster = new FakeCluster(directory);
    cluster.serviceRange("kubernetes", "10.96.0.0/12");
    // A client that does not wait by itself when it is throttled.
    client =
        new ApiClient(
            ClientCredentials.ofFiles(
                "127.0.0.1",
                cluster.server().port(),
                directory.resolve("ca.crt"),
                Optional.empty(),
                Optional.empty(),
                InstantSource.system()),
            new ApiClientOptions(
                "test",
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                0,
                Duration.ofMillis(1)),
            ApiObserver.NONE);
    facts =
        new InformerCaches(
            client,
            Reflector.Timing.defaults(),
            WatchObserver.NONE,
            new Random(1),
            InformerCaches.Listener.NONE);
    AddressOwnershipStore ownership =
        new AddressOwnershipStore(
            client,
            "ns",
            clock,
            facts,
            PolicyConfig::defaults,
            log,
            Reflector.Timing.defaults(),
            WatchObserver.NONE,
            metrics,
            new Random(1),
            OwnershipListener.NONE);
    lookUps =
        new ApiLookUps(client, chain -> {}, NameResolver.ofSystem(), clock, metrics::lookedUp);
    source = new ServingFactSource(new ApproverCaches(facts, ownership, pending), lookUps);
  }

  public FakeCluster cluster() {
    return cluster;
  }

  public ApiClient client() {
    return client;
  }

  public InformerCaches facts() {
    return facts;
  }

  public FactSource source() {
    return source;
  }

  /** A request of node-a as JSON, with {@code @V} for its version. */
  public static String request(String name, CsrForge forge, String conditions) {
    return """
    {"metadata":{"name":"%s","uid":"u","resourceVersion":"@V",
    "creationTimestamp":"2026-11-22T09:59:59Z","labels":{"kept":"yes"}},
    "spec":{"request":"%s","signerName":"kubernetes.io/kubelet-serving",
    "username":"system:node:node-a","groups":["system:nodes","system:authenticated"],
    "usages":["digital signature","server auth"]},"status":{"conditions":[%s]}}\
    """
        .formatted(
            name,
            Base64.getEncoder().encodeToString(forge.pem().getBytes(StandardCharsets.UTF_8)),
            conditions);
  }

  /** The request of such a text, as a watch reads it. */
  public static CsrObject read(String json) throws IOException {
    return ProtobufText.request(json, CsrObject.keptDecoder());
  }

  /** What the metrics say of a series, which is written with its labels; 0 where there is none. */
  public static double value(ApproverMetrics metrics, String series) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    metrics.write(text);
    return text.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .sum();
  }

  /**
   * Reads what the cluster has, and goes on doing so. Each watch has the connection of a list then,
   * so that none is kept for the next request, which a client may send again over a new one.
   */
  public void follow() {
    List<Reflector<?>> watches = facts.watches();
    watches.forEach(watch -> Thread.ofVirtual().start(watch));
    FakeCluster.await("lists", facts::complete);
    FakeCluster.await("watches", () -> open() >= watches.size());
  }

  private long open() {
    return cluster.seen("GET ").stream().filter(request -> request.contains("watch=true")).count();
  }

  @Override
  public void close() {
    facts.watches().forEach(Reflector::close);
    lookUps.close();
    client.close();
    cluster.close();
  }
}
