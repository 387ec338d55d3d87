package dev.countersign.approver;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.config.PolicyFile;
import dev.countersign.approver.config.PolicyReload;
import dev.countersign.approver.controller.Controller;
import dev.countersign.approver.facts.ApiLookUps;
import dev.countersign.approver.facts.ApproverCaches;
import dev.countersign.approver.health.Health;
import dev.countersign.approver.health.HealthServer;
import dev.countersign.approver.health.ScrapeAccess;
import dev.countersign.approver.join.AutomaticApproval;
import dev.countersign.approver.logging.LogBackoff;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.lookup.KubeletCertificateProbe;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.metrics.Metric;
import dev.countersign.approver.ownership.AddressOwnershipStore;
import dev.countersign.approver.status.EventRecorder;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.lease.LeaderElector;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.ownership.ReportedAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An approver that runs: {@link #start} it, {@link #close} it. All its threads end with it.
 * Thread-safe.
 */
public final class ApproverManager implements AutoCloseable {
  private final ApproverOptions options;
  private final StructuredLog log;
  private final ApproverMetrics metrics = new ApproverMetrics();
  private final ApiClient client;
  private final InformerCaches cluster;
  private final RangeReports ranges;
  private final AddressOwnershipStore ownership;
  private final ApiLookUps lookUps;
  private final CertificateExpiries expiries;
  private final EventRecorder events;
  private final List<Reflector<?>> watches = new ArrayList<>();
  private final Health health = new Health(watches, this::working, this::leaderKnown);
  private final Controller serving;
  private final Optional<Controller> joins;
  private final Optional<LeaderElector> elector;
  private final Threads threads;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch synced = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Policy policy;
  private volatile boolean surroundingsChanged;
  private volatile @Nullable HealthServer healthServer;

  private ApproverManager(ApproverOptions options) {
    this.options = options;
    this.log =
        new StructuredLog(
            options.logTarget(), options.logFormat(), options.logLevel(), options.clock());
    this.policy = Policy.of(options.policy());
    this.threads =
        new Threads(
            (name, why) -> {
              log.error("thread-ended", "thread", name, "why", why);
              health.broken(name + ": " + why);
            });
    this.client = new ApiClient(options.server(), ApiClientOptions.defaults(), metrics);
    LogBackoff backoff = new LogBackoff(options.clock());
    WatchObserver observer = new WatchReports(log, metrics, backoff);
    Reflector.Timing timing = Reflector.Timing.defaults();
    // Jitter must differ between replicas that start at the same moment.
    SecureRandom seed = new SecureRandom();
    this.cluster =
        new InformerCaches(
            client,
            timing,
            observer,
            new java.util.Random(seed.nextLong()),
            new InformerCaches.Listener() {
              @Override
              public void nodeChanged(
                  NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
                ApproverManager.this.ownership.nodeChanged(name, before, after);
                ApproverManager.this.nodeChanged(name, before, after);
              }

              @Override
              public void surroundingsChanged() {
                ApproverManager.this.ownership.surroundingsChanged();
                surroundingsChanged = true;
              }
            });
    this.events = new EventRecorder(client, options.clock(), fate -> metrics.event(fate.text()));
    this.ranges = new RangeReports(cluster, this::policy, log);
    this.ownership =
        new AddressOwnershipStore(
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
            KubeletCertificateProbe.ChainVerifier.of(options.server()),
            options.resolver(),
            options.clock(),
            metrics::lookedUp);
    Controllers controllers =
        new Controllers(client, options, log, metrics, events, observer, health);
    this.serving =
        controllers.serving(
            () -> policy,
            pending ->
                new ServingFactSource(new ApproverCaches(cluster, ownership, pending), lookUps),
            expiries,
            this::leads);
    this.joins =
        options
            .join()
            .map(join -> join.withMachines(lookUps.inventories()::machines))
            .map(join -> controllers.joins(join, this::policy, this::leads));
    watches.addAll(cluster.watches());
    watches.add(ownership.watch());
    controllers().forEach(controller -> watches.add(controller.watch()));
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
                        new LeadershipReports(log, metrics, backoff, ownership::setWriting)));
  }

  private List<Controller> controllers() {
    return Stream.concat(Stream.of(serving), joins.stream()).toList();
  }

  private int working() {
    return controllers().stream().mapToInt(controller -> controller.queue().working()).sum();
  }

  private boolean leaderKnown() {
    return elector.map(LeaderElector::leaderKnown).orElse(true);
  }

  private void lookAgainAt(NodeName node) {
    serving.reconciler().lookAgainAt(node);
  }

  private boolean leads() {
    return elector.map(LeaderElector::leads).orElse(true);
  }

  /**
   * Starts an approver. Returns at once; it connects, fills its caches and begins to decide on its
   * own, and goes on through failures of the API server.
   *
   * @throws IOException when the address for probes and metrics cannot be bound
   */
  public static ApproverManager start(ApproverOptions options) throws IOException {
    ApproverManager approver = new ApproverManager(options);
    approver.begin();
    return approver;
  }

  private void begin() throws IOException {
    showGauges();
    ScrapeAccess access = ScrapeAccess.of(client, log, options.clock());
    healthServer = HealthServer.start(options.serving(), access, health, metrics, options.clock());
    log.info("started", "server", options.server(), "mode", policy.config().mode());
    for (Reflector<?> watch : watches) {
      // Every request comes three times by its watch: as it is made, approved, and signed.
      if (watch == serving.watch()) {
        threads.startOfSystem("watch " + watch.name(), watch);
      } else {
        threads.start("watch " + watch.name(), watch);
      }
    }
    for (int i = 1; i <= AddressOwnershipStore.WORKERS; i++) {
      threads.start("ownership " + i, ownership::run);
    }
    threads.start("events", events);
    elector.ifPresentOrElse(e -> threads.start("lease", e), () -> ownership.setWriting(true));
    threads.start("dispatch", this::serve);
    joins.ifPresent(
        controller -> {
          threads.start("dispatch joins", controller::run);
          AutomaticApproval automatic = new AutomaticApproval(client, log);
          metrics.gauges(Metric.AUTOMATIC_APPROVAL, automatic::figures);
          threads.start("automatic approval", automatic);
        });
    threads.start("housekeeping", this::housekeeping);
  }

  private void showGauges() {
    metrics.gauge(Metric.LEADER, () -> leads() ? 1 : 0);
    metrics.gauge(Metric.SYNCED, () -> cluster.complete() && serving.watch().synced() ? 1 : 0);
    Gauges gauges = new Gauges(metrics);
    gauges.ofRequests(serving, log);
    gauges.ofCluster(cluster, ranges);
    gauges.ofOwnership(ownership);
    gauges.ofCertificates(expiries, cluster);
    gauges.ofWatches(watches);
    watches.forEach(watch -> metrics.watching(watch.name()));
    if (joins.isPresent()) {
      metrics.showJoins();
    }
  }

  private void nodeChanged(NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
    if (after.isEmpty()) {
      expiries.gone(name);
    }
    after.ifPresent(node -> ranges.tellOfWide(before.map(NodeFact::podRanges), node));
    serving.reconciler().lookAgainAt(name);
    // Whoever wanted what this Node gave up may have it now.
    before.ifPresent(
        old -> {
          if (after.isEmpty() || !after.get().addresses().equals(old.addresses())) {
            ReportedAddresses.of(old).inStatus().stream()
                .flatMap(claim -> cluster.claimants(claim).stream())
                .map(claims -> claims.node().name())
                .distinct()
                .forEach(serving.reconciler()::lookAgainAt);
          }
        });
  }

  /** Hands out work, once every cache is complete. */
  private void serve() {
    try {
      while (!closed.get() && !(cluster.complete() && serving.watch().synced())) {
        Thread.sleep(5);
      }
      // What the Nodes claim is recorded first, or requests would be deferred and looked at twice.
      // If it cannot be recorded, go on all the same: requests are deferred and say why.
      for (int i = 0; i < 1000 && !closed.get() && leads() && !ownership.inStep(); i++) {
        Thread.sleep(5);
      }
      if (!closed.get()) {
        log.info(
            "caches-complete", "nodes", cluster.nodeCount(), "pending", serving.pending().size());
      }
      synced.countDown();
      serving.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void housekeeping() {
    try {
      while (!closed.get()) {
        Thread.sleep(500);
        ranges.tellOfServices(health);
        client.closeUnused();
        lookUps.inventories().closeUnused();
        if (surroundingsChanged && leads()) {
          surroundingsChanged = false;
          serving.reconciler().lookAgainAtAll();
        }
        controllers().forEach(Controller::tick);
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
    // A file system that hangs must not keep a carrier of virtual threads.
    threads.startOfSystem("policy file", () -> reload.run(pause));
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
    ownership.policyChanged();
    if (othersToo) {
      // Only a list brings back what was left alone.
      serving.watch().listAgain();
    }
    controllers().forEach(controller -> controller.reconciler().lookAgainAtAll());
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
    controllers().forEach(Controller::stop);
    cluster.watches().forEach(Reflector::close);
    ownership.close();
    try {
      for (Controller controller : controllers()) {
        if (!controller.awaitIdle(Duration.ofSeconds(3))) {
          log.warn("stopped-with-work-left", "working", controller.queue().working());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Last of all, so that another replica starts when nothing of ours is on its way any more.
    elector.ifPresent(LeaderElector::close);
    lookUps.close();
    client.close();
    threads.interrupt();
    HealthServer server = healthServer;
    if (server != null) {
      server.close();
    }
    log.info("stopped");
    log.close();
    ended.countDown();
  }
}
