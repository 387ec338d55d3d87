package dev.countersign.approver;

import dev.countersign.approver.health.HealthServer;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.kube.credential.ServerCertificate;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.policy.config.PolicyConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How an approver runs.
 *
 * @param server the API server and who we are to it
 * @param namespace where the Lease and the records of addresses are kept
 * @param policy the policy to start with
 * @param parallel decisions at a time at most, hence writes at a time
 * @param parallelPerRequestor decisions at a time for one requestor
 * @param resync how often every pending request is looked at again, whatever has changed
 * @param leaderElection set when several replicas run
 * @param serving where probes and metrics are served
 * @param logFormat how log lines look
 * @param logLevel which lines are written: those of this level and above
 * @param logTarget where log lines go; used by one thread
 * @param clock the time of day, for conditions, logs and the age of requests
 * @param certificateMetrics for how many Nodes at most the expiry of their certificate is shown
 * @param resolver whom to ask about DNS names, where the policy wants that
 * @param join set where requests for client certificates are decided, too
 */
public record ApproverOptions(
    ServerEndpoint server,
    String namespace,
    PolicyConfig policy,
    int parallel,
    int parallelPerRequestor,
    Duration resync,
    Optional<LeaderElection> leaderElection,
    HealthServer.Addresses serving,
    LogFormat logFormat,
    StructuredLog.Level logLevel,
    Appendable logTarget,
    InstantSource clock,
    int certificateMetrics,
    NameResolver resolver,
    Optional<JoinOptions> join) {
  /**
   * A Lease to hold before anything is decided.
   *
   * @param name the Lease's name
   * @param identity unique among the replicas, such as the pod's name
   * @param duration after how long without renewal another replica may take over
   */
  public record LeaderElection(String name, String identity, Duration duration) {
    /** Checks that nothing is empty and that the duration can be written into a Lease. */
    public LeaderElection {
      requireText(name, "name");
      requireText(identity, "identity");
      if (duration.toSeconds() < 1) {
        throw new IllegalArgumentException(
            "leader election duration: got " + duration + "; want 1 second or more");
      }
    }

    private static void requireText(String text, String what) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("leader election " + what + ": got \"\"; want a name");
      }
    }
  }

  /** Checks that nothing is missing and that numbers make sense. */
  public ApproverOptions {
    Objects.requireNonNull(server);
    if (namespace.isEmpty()) {
      throw new IllegalArgumentException("namespace: got \"\"; want a name");
    }
    Objects.requireNonNull(policy);
    if (parallel < 1 || parallelPerRequestor < 1) {
      throw new IllegalArgumentException(
          "parallel: got " + parallel + " and " + parallelPerRequestor + "; want 1 or more");
    }
    if (resync.toMillis() < 1) {
      throw new IllegalArgumentException("resync: got " + resync + "; want more than zero");
    }
    if (certificateMetrics < 0) {
      throw new IllegalArgumentException(
          "certificate metrics: got " + certificateMetrics + "; want 0 or more");
    }
    Objects.requireNonNull(leaderElection);
    Objects.requireNonNull(serving);
    Objects.requireNonNull(logFormat);
    Objects.requireNonNull(logLevel);
    Objects.requireNonNull(logTarget);
    Objects.requireNonNull(clock);
    Objects.requireNonNull(resolver);
    Objects.requireNonNull(join);
  }

  /** One replica with the default policy, without endpoints, logging text to {@code log}. */
  public static ApproverOptions defaults(ServerEndpoint server, Appendable log) {
    return new ApproverOptions(
        server,
        "kube-system",
        PolicyConfig.defaults(),
        32,
        4,
        Duration.ofMinutes(1),
        Optional.empty(),
        HealthServer.Addresses.none(),
        LogFormat.TEXT,
        StructuredLog.Level.INFO,
        log,
        InstantSource.system(),
        0,
        NameResolver.ofSystem(),
        Optional.empty());
  }

  /** The same with another policy. */
  public ApproverOptions withPolicy(PolicyConfig other) {
    return with(draft -> draft.policy = other);
  }

  /** The same with another namespace. */
  public ApproverOptions withNamespace(String other) {
    return with(draft -> draft.namespace = other);
  }

  /** The same with leader election. */
  public ApproverOptions withLeaderElection(LeaderElection election) {
    return with(draft -> draft.leaderElection = Optional.of(election));
  }

  /** The same with metrics; port 0 takes a free one. */
  public ApproverOptions withMetrics(InetSocketAddress address) {
    return with(
        draft ->
            draft.serving =
                new HealthServer.Addresses(
                    draft.serving.probes(), Optional.of(address), draft.serving.certificate()));
  }

  /** The same with metrics by HTTPS, for those who may get them. */
  public ApproverOptions withSecureMetrics(ServerCertificate certificate) {
    return with(
        draft ->
            draft.serving =
                new HealthServer.Addresses(
                    draft.serving.probes(), draft.serving.metrics(), Optional.of(certificate)));
  }

  /** The same with probes; port 0 takes a free one. */
  public ApproverOptions withHealthProbes(InetSocketAddress address) {
    return with(
        draft ->
            draft.serving =
                new HealthServer.Addresses(
                    Optional.of(address), draft.serving.metrics(), draft.serving.certificate()));
  }

  /** The same with another form of log lines. */
  public ApproverOptions withLogFormat(LogFormat format) {
    return with(draft -> draft.logFormat = format);
  }

  /** The same with lines of that level and above. */
  public ApproverOptions withLogLevel(StructuredLog.Level level) {
    return with(draft -> draft.logLevel = level);
  }

  /** The same with another pause between looks at everything pending. */
  public ApproverOptions withResync(Duration pause) {
    return with(draft -> draft.resync = pause);
  }

  /** The same with the expiry of so many Nodes' certificates among the metrics. */
  public ApproverOptions withCertificateMetrics(int most) {
    return with(draft -> draft.certificateMetrics = most);
  }

  /** The same with another DNS server than the operating system's. */
  public ApproverOptions withResolver(NameResolver other) {
    return with(draft -> draft.resolver = other);
  }

  /** The same with strict join. */
  public ApproverOptions withJoin(JoinOptions options) {
    return with(draft -> draft.join = Optional.of(options));
  }

  private ApproverOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new ApproverOptions(
        server,
        draft.namespace,
        draft.policy,
        parallel,
        parallelPerRequestor,
        draft.resync,
        draft.leaderElection,
        draft.serving,
        draft.logFormat,
        draft.logLevel,
        logTarget,
        clock,
        draft.certificateMetrics,
        draft.resolver,
        draft.join);
  }

  /** What may be another in a copy. */
  private static final class Draft {
    private String namespace;
    private PolicyConfig policy;
    private Duration resync;
    private Optional<LeaderElection> leaderElection;
    private HealthServer.Addresses serving;
    private LogFormat logFormat;
    private StructuredLog.Level logLevel;
    private int certificateMetrics;
    private NameResolver resolver;
    private Optional<JoinOptions> join;

    private Draft(ApproverOptions options) {
      namespace = options.namespace;
      policy = options.policy;
      resync = options.resync;
      leaderElection = options.leaderElection;
      serving = options.serving;
      logFormat = options.logFormat;
      logLevel = options.logLevel;
      certificateMetrics = options.certificateMetrics;
      resolver = options.resolver;
      join = options.join;
    }
  }
}
