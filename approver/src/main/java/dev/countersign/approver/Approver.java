package dev.countersign.approver;

import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.facts.ApiLookUps;
import dev.countersign.approver.facts.ApproverCaches;
import dev.countersign.approver.ledger.AddressLedger;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.lookup.ServedCertificates;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.metrics.Metric;
import dev.countersign.approver.queue.Dispatcher;
import dev.countersign.approver.queue.FairQueue;
import dev.countersign.approver.reload.PolicyFile;
import dev.countersign.approver.reload.PolicyReload;
import dev.countersign.approver.serve.Health;
import dev.countersign.approver.serve.HealthServer;
import dev.countersign.approver.write.EventWriter;
import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.kube.lease.LeaderElector;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.Follower;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.ownership.NodeClaims;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.certificate.Certificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An approver that runs: {@link #start} it, {@link #close} it. All its threads end with it.
 * Thread-safe.
 */
public final class Approver implements AutoCloseable {
  /** Requests of one Node that are looked at; an honest kubelet makes a hundred a day at most. */
  private static final int MOST_OF_ONE_NODE = 256;

  /** Twice as many as a cluster has Nodes: 20 MB of honest requests, 80 of the largest kept. */
  private static final int MOST_IN_ALL = 10_000;

  /** The least time between two lists of all requests for the sake of those not kept. */
  private static final Duration LIST_AGAIN = Duration.ofSeconds(30);

  private final ApproverOptions options;
  private final StructuredLog log;
  private final ApproverMetrics metrics = new ApproverMetrics();
  private final ApiClient client;
  private final PendingRequests pending =
      new PendingRequests(SignerName.KUBELET_SERVING, MOST_OF_ONE_NODE, MOST_IN_ALL);
  private final FairQueue queue;
  private final ClusterFacts cluster;
  private final RangeReports ranges;
  private final AddressLedger ledger;
  private final ApiLookUps lookUps;
  private final CertificateExpiries expiries;
  private final EventWriter events;
  private final Decider decider;
  private final CollectionWatch<CsrObject> requests;
  private final List<CollectionWatch<?>> watches;
  private final Dispatcher dispatcher;
  private final Health health;
  private final Optional<LeaderElector> elector;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch synced = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Policy policy;
  private volatile boolean surroundingsChanged;
  private volatile @Nullable HealthServer healthServer;

  private Approver(ApproverOptions options) {
    this.options = options;
    this.log =
        new StructuredLog(
            options.logTarget(), options.logFormat(), options.logLevel(), options.clock());
    this.policy = Policy.of(options.policy());
    this.client = new ApiClient(options.server(), ApiClientOptions.defaults(), metrics);
    this.queue = new FairQueue(options.parallelPerRequestor());
    this.dispatcher = new Dispatcher(queue, options.parallel(), this::leads, this::decide);
    WatchObserver observer = new WatchReports(log, metrics);
    CollectionWatch.Timing timing = CollectionWatch.Timing.defaults();
    // Jitter must differ between replicas that start at the same moment.
    SecureRandom seed = new SecureRandom();
    this.cluster =
        new ClusterFacts(
            client,
            timing,
            observer,
            new java.util.Random(seed.nextLong()),
            new ClusterFacts.Listener() {
              @Override
              public void nodeChanged(
                  NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
                ledger().nodeChanged(name, before, after);
                Approver.this.nodeChanged(name, before, after);
              }

              @Override
              public void surroundingsChanged() {
                ledger().surroundingsChanged();
                surroundingsChanged = true;
              }
            });
    this.events = new EventWriter(client, options.clock(), fate -> metrics.event(fate.text()));
    this.ranges = new RangeReports(cluster, this::policy, log);
    this.ledger =
        new AddressLedger(
            client,
            options.namespace(),
            options.clock(),
            cluster,
            () -> policy.config(),
            log,
            timing,
            observer,
            metrics,
            seed,
            new ClaimReports(log, events, this::lookAgainAt));
    this.expiries = new CertificateExpiries(options.certificateMetrics());
    this.lookUps =
        new ApiLookUps(
            client,
            verifier(options.server()),
            options.resolver(),
            options.clock(),
            metrics::lookedUp);
    this.decider =
        new Decider(
            client,
            () -> policy,
            new ServingFactSource(new ApproverCaches(cluster, ledger, pending), lookUps),
            pending,
            queue,
            new VerdictWriter(client, options.clock()),
            events::refused,
            metrics,
            log,
            System::nanoTime,
            Later.ON_THREADS);
    this.requests =
        new CollectionWatch<>(
            client,
            "certificatesigningrequests",
            ListQuery.all(CsrObject.COLLECTION)
                .withFieldSelector("spec.signerName=" + SignerName.KUBELET_SERVING.text()),
            CsrObject.keptDecoder(this::skipsVerdictsOf),
            new Follower<>() {
              @Override
              public void listStarted() {
                decider.listStarted();
              }

              @Override
              public void listed(CsrObject csr) {
                changed(csr);
              }

              @Override
              public void listEnded() {
                decider.listEnded();
              }

              @Override
              public void changed(CsrObject csr) {
                noteExpiry(csr);
                decider.seen(csr);
              }

              @Override
              public void deleted(CsrObject csr) {
                decider.gone(csr.name());
              }
            },
            timing,
            observer,
            new java.util.Random(seed.nextLong()));
    List<CollectionWatch<?>> all = new ArrayList<>(cluster.watches());
    all.add(ledger.watch());
    all.add(requests);
    this.watches = new CopyOnWriteArrayList<>(all);
    this.elector =
        options
            .leaderElection()
            .map(
                election ->
                    new LeaderElector(
                        client,
                        options.namespace(),
                        election.name(),
                        election.identity(),
                        election.duration(),
                        options.clock(),
                        new java.util.Random(seed.nextLong()),
                        new LeadershipReports(log, metrics, ledger::setWriting)));
    this.health =
        new Health(watches, queue, () -> elector.map(LeaderElector::leaderKnown).orElse(true));
  }

  /**
   * Kubelets' certificates come from the authority that the API server's certificate comes from.
   */
  private static ServedCertificates.ChainVerifier verifier(ServerEndpoint server) {
    return server instanceof ClientCredentials credentials
        ? credentials::verifyChain
        : chain -> {
          throw new IOException("no certificate authority of the cluster is known");
        };
  }

  private void lookAgainAt(NodeName node) {
    decider.lookAgainAt(node);
  }

  private boolean leads() {
    return elector.map(LeaderElector::leads).orElse(true);
  }

  private AddressLedger ledger() {
    return ledger;
  }

  /**
   * Starts an approver. Returns at once; it connects, fills its caches and begins to decide on its
   * own, and goes on through failures of the API server.
   *
   * @throws IOException when the address for probes and metrics cannot be bound
   */
  public static Approver start(ApproverOptions options) throws IOException {
    Approver approver = new Approver(options);
    approver.begin();
    return approver;
  }

  private void begin() throws IOException {
    showGauges();
    healthServer = HealthServer.start(options.serving(), health, metrics, options.clock());
    log.info("started", "server", options.server(), "mode", policy.config().mode());
    for (CollectionWatch<?> watch : watches) {
      // Every request comes three times by its watch: as it is made, approved, and signed.
      thread(watch == requests ? ofSystem() : Thread.ofVirtual(), "watch " + watch.name(), watch);
    }
    for (int i = 1; i <= AddressLedger.WORKERS; i++) {
      thread("ledger " + i, ledger::run);
    }
    thread("events", events);
    elector.ifPresentOrElse(e -> thread("lease", e), () -> ledger.setWriting(true));
    thread("dispatch", this::dispatch);
    thread("housekeeping", this::housekeeping);
  }

  /**
   * A thread of the system, for what waits for the server all the time: to wake one up costs half
   * of what a virtual one costs, which its poller and its carrier have to be woken up for.
   */
  private static Thread.Builder.OfPlatform ofSystem() {
    return Thread.ofPlatform().daemon();
  }

  private void thread(String name, Runnable work) {
    thread(Thread.ofVirtual(), name, work);
  }

  private void thread(Thread.Builder kind, String name, Runnable work) {
    threads.add(
        kind.name(name)
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (RuntimeException | Error e) {
                    log.error("thread-ended", "thread", name, "why", e);
                    health.broken(name + ": " + e);
                  }
                }));
  }

  private void showGauges() {
    metrics.gauge(Metric.LEADER, () -> leads() ? 1 : 0);
    metrics.gauge(Metric.SYNCED, () -> cluster.complete() && requests.synced() ? 1 : 0);
    Gauges gauges = new Gauges(metrics);
    gauges.ofRequests(queue, pending, decider, log);
    gauges.ofCluster(cluster, ranges);
    gauges.ofLedger(ledger);
    gauges.ofCertificates(expiries, cluster);
    gauges.ofWatches(watches);
  }

  /** The certificate is the one thing of interest in a request that has its verdict. */
  private boolean skipsVerdictsOf(String uid) {
    return !expiries.on() && decider.isSettled(uid);
  }

  private void noteExpiry(CsrObject csr) {
    if (!expiries.on() || csr.certificate().size() == 0) {
      return;
    }
    Optional<NodeName> node = NodeName.ofUser(csr.requestor());
    String pem = new String(csr.certificate().toByteArray(), StandardCharsets.ISO_8859_1);
    if (node.isPresent()
        && Certificate.parsePem(pem) instanceof ParseResult.Parsed<Certificate>(var c)) {
      expiries.issued(node.get(), c.notAfter());
    }
  }

  private void nodeChanged(NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
    if (after.isEmpty()) {
      expiries.gone(name);
    }
    after.ifPresent(node -> ranges.tellOfWide(before.map(NodeFact::podRanges), node));
    decider.lookAgainAt(name);
    // Whoever wanted what this Node gave up may have it now.
    before.ifPresent(
        old -> {
          if (after.isEmpty() || !after.get().addresses().equals(old.addresses())) {
            NodeClaims.of(old).inStatus().stream()
                .flatMap(claim -> cluster.claimants(claim).stream())
                .map(claims -> claims.node().name())
                .distinct()
                .forEach(decider::lookAgainAt);
          }
        });
  }

  /** Hands out work, once every cache is complete. */
  private void dispatch() {
    try {
      while (!closed.get() && !(cluster.complete() && requests.synced())) {
        Thread.sleep(5);
      }
      // What the Nodes claim is recorded first, or everything would be held and looked at twice.
      // If it cannot be recorded, go on all the same: requests are held and say why.
      for (int i = 0; i < 1000 && !closed.get() && leads() && !ledger.inStep(); i++) {
        Thread.sleep(5);
      }
      if (!closed.get()) {
        log.info("caches-complete", "nodes", cluster.nodeCount(), "pending", pending.size());
      }
      synced.countDown();
      dispatcher.run(decider::lookAgainAtAll);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void decide(String name) {
    health.begins();
    try {
      decider.decide(name);
    } catch (RuntimeException e) {
      // A bug of ours on one request must not stop the others; it stays pending and is seen.
      metrics.writeProblem("bug");
      log.error("decision-broke-off", "csr", name, "why", e);
    } finally {
      health.progress();
    }
  }

  private void housekeeping() {
    try {
      long lastResync = System.nanoTime();
      long lastList = lastResync;
      while (!closed.get()) {
        Thread.sleep(500);
        ranges.tellOfServices(health);
        client.closeUnused();
        lookUps.inventories().closeUnused();
        boolean due = System.nanoTime() - lastResync > options.resync().toNanos();
        if ((surroundingsChanged || due) && leads()) {
          surroundingsChanged = false;
          if (due) {
            lastResync = System.nanoTime();
          }
          decider.lookAgainAtAll();
        }
        if (leads()) {
          decider.announceHeld();
        }
        if (pending.roomForOthers() && System.nanoTime() - lastList > LIST_AGAIN.toNanos()) {
          lastList = System.nanoTime();
          requests.listAgain();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Keeps to a policy file from now on: looks at it every {@code pause}, puts each new version in
   * force, and stays with the one in force where the new one is broken. Call it once.
   */
  public void follow(PolicyFile file, Duration pause) {
    PolicyReload reload = new PolicyReload(file, this::usePolicy, log, metrics);
    // A file system that hangs must not hold what carries the virtual threads.
    thread(
        ofSystem(),
        "policy file",
        () -> {
          try {
            while (!closed.get()) {
              Thread.sleep(pause);
              reload.look();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Has its probes and metrics say how another watch of this process fares. */
  public void alongside(CollectionWatch<?> watch) {
    watches.add(watch);
  }

  /** Shows whether the cluster approves client certificates by itself, among its metrics. */
  public void showAutomaticApproval(Supplier<Map<String, Double>> bySubresource) {
    metrics.gauges(Metric.AUTOMATIC_APPROVAL, bySubresource);
  }

  /** Counts a decision of strict join, which runs beside it, among its metrics. */
  public void joined(String verdict, String reason) {
    metrics.joined(verdict, reason);
  }

  /** Writes an Event of a request that strict join refuses, where this replica leads. */
  public void refused(CsrObject csr, List<Violation> violations) {
    if (leads()) {
      events.refused(csr, violations);
    }
  }

  /** The policy in force. */
  public PolicyConfig policy() {
    return policy.config();
  }

  /** Puts another policy in force and looks at everything pending with it. */
  public void usePolicy(PolicyConfig config) {
    if (config.client() != policy.config().client()) {
      log.warn(
          "policy-needs-restart",
          "field",
          "spec.client",
          "next",
          "restart the approver for it to take effect");
    }
    boolean othersToo = !config.requestors().equals(policy.config().requestors());
    policy = Policy.of(config);
    lookUps.inventories().forget();
    // What may be on record depends on the policy, too.
    ledger.policyChanged();
    if (othersToo) {
      // Only a list brings back what was left alone.
      requests.listAgain();
    }
    decider.lookAgainAtAll();
  }

  /**
   * Waits until all caches are complete and decisions are being made.
   *
   * @return whether that happened within {@code patience}
   */
  public boolean awaitSynced(Duration patience) throws InterruptedException {
    return synced.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why it should be restarted, if it should: what {@code /livez} says. */
  public Optional<String> notLive() {
    return health.notLive();
  }

  /** Waits until it is closed. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Where metrics are served, if they are. */
  public Optional<InetSocketAddress> metricsAddress() {
    return Optional.ofNullable(healthServer).flatMap(HealthServer::metricsAddress);
  }

  /** Where probes are served, if they are. */
  public Optional<InetSocketAddress> probesAddress() {
    return Optional.ofNullable(healthServer).flatMap(HealthServer::probesAddress);
  }

  /** Ends it: decisions in progress are finished, as long as that takes a few seconds at most. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    queue.close();
    cluster.watches().forEach(CollectionWatch::close);
    requests.close();
    ledger.close();
    try {
      if (!dispatcher.end(Duration.ofSeconds(3))) {
        log.warn("stopped-with-work-left", "working", queue.working());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Last of all, so that another replica starts when nothing of ours is on its way any more.
    elector.ifPresent(LeaderElector::close);
    lookUps.close();
    client.close();
    threads.forEach(Thread::interrupt);
    HealthServer serving = healthServer;
    if (serving != null) {
      serving.close();
    }
    log.info("stopped");
    log.close();
    ended.countDown();
  }
}
