package dev.countersign.approver.command;

import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.approver.config.PolicyFile;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyWarnings;
import dev.countersign.x509.key.AwsLc;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code approver}. */
@Command(
    name = "approver",
    mixinStandardHelpOptions = true,
    description =
        "Decide on kubelets' requests for serving certificates, in the foreground, until SIGTERM or"
            + " Ctrl-C. Without --kubeconfig it uses the service account of the pod it runs in, and"
            + " outside of a pod $KUBECONFIG or ~/.kube/config.",
    footer = {
      "",
      "Examples:",
      "  countersign approver --kubeconfig admin.conf",
      "  countersign approver --policy policy.yaml --metrics-bind-address :8080"
    })
public final class ApproverCommand implements Callable<Integer> {
  private static final String FORMER_LEASE_DURATION = "--lease-duration";
  private static final Duration POLICY_PAUSE = Duration.ofSeconds(2);

  /** For what ends after the approver itself: strict join's watch and log. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final PrintWriter err;

  private final CountDownLatch over = new CountDownLatch(1);

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "How to reach the cluster and as whom. Default: the pod's service account; outside of a"
              + " pod $KUBECONFIG, else ~/.kube/config.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Context of the kubeconfig. Default: its current-context.")
  private @Nullable String context;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "Policy file. A new version of it comes into force within seconds; a broken one is"
              + " reported, and the old one stays. Default: the built-in policy.")
  private @Nullable Path policy;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description =
          "Where the Lease and the records of addresses are kept. Default: the pod's own, else"
              + " kube-system.")
  private @Nullable String namespace;

  @Option(
      names = "--leader-elect",
      description = "Decide only while holding the Lease, so that several replicas can run.")
  private boolean leaderElect;

  @Option(
      names = FlagValues.LEASE_DURATION,
      paramLabel = "DURATION",
      description = "How long a leader that vanished is waited for. Default: 15s.")
  private @Nullable String leaseDuration;

  /** The name of one release ago. */
  @Option(names = FORMER_LEASE_DURATION, paramLabel = "SECONDS", hidden = true)
  private @Nullable Integer leaseSeconds;

  @Option(
      names = FlagValues.CERTIFICATE_METRICS,
      paramLabel = "MOST",
      defaultValue = "0",
      description =
          "Show when each Node's serving certificate expires, for that many Nodes at most: each is"
              + " a time series. Default: ${DEFAULT-VALUE}.")
  private int certificateMetrics;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json, on standard error. Default: ${DEFAULT-VALUE}.")
  private LogFormat logFormat = LogFormat.TEXT;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description =
          "debug, info, warn or error: the least that is logged. Default: ${DEFAULT-VALUE}.")
  private StructuredLog.Level logLevel = StructuredLog.Level.INFO;

  @Mixin private BindAddresses addresses;

  @Mixin private JoinFlags join;

  /**
   * The command.
   *
   * @param err where it logs, standard error
   */
  public ApproverCommand(PrintWriter err) {
    this.err = err;
  }

  @Override
  public Integer call() throws CliException {
    try {
      return decide();
    } finally {
      over.countDown();
    }
  }

  private Integer decide() throws CliException {
    AwsLc.prefer();
    Optional<PolicyFile> policyFile = policyFile();
    Optional<JoinOptions> joinOptions =
        join.options(
            policyFile.isPresent()
                && policyFile.get().first().client() == PolicyConfig.Client.STRICT);
    ClientCredentials credentials = credentials();
    ApproverOptions options =
        ApproverOptions.defaults(credentials, err)
            .withLogFormat(logFormat)
            .withLogLevel(logLevel)
            .withNamespace(namespace());
    if (policyFile.isPresent()) {
      options = options.withPolicy(policyFile.get().first());
      for (PolicyWarnings.Warning deprecated : policyFile.get().deprecations()) {
        err.println("warning: --policy " + policy + ": " + deprecated);
      }
    }
    options = addresses.applyTo(options, err);
    options = options.withCertificateMetrics(FlagValues.certificateMetrics(certificateMetrics));
    if (leaderElect) {
      options =
          options.withLeaderElection(
              new ApproverOptions.LeaderElection(
                  "countersign-approver", identity(), leaseDuration()));
    }
    if (joinOptions.isPresent()) {
      options = options.withJoin(joinOptions.get());
    }
    return run(options, policyFile);
  }

  private Optional<PolicyFile> policyFile() throws CliException {
    if (policy == null) {
      return Optional.empty();
    }
    return switch (PolicyFile.open(policy)) {
      case ParseResult.Parsed<PolicyFile>(PolicyFile file) -> Optional.of(file);
      case ParseResult.Refused<PolicyFile> refused ->
          throw CliException.usage("--policy " + policy + ":\n" + refused.message());
    };
  }

  private Integer run(ApproverOptions options, Optional<PolicyFile> policyFile)
      throws CliException {
    ApproverManager approver;
    try {
      approver = ApproverManager.start(options);
    } catch (IOException e) {
      throw new CliException(ExitStatus.INTERNAL, String.valueOf(e.getMessage()), e);
    }
    policyFile.ifPresent(file -> approver.follow(file, POLICY_PAUSE));
    Thread stop = new Thread(() -> stopOnSignal(approver), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      approver.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      approver.close();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // A signal ended it: the hook says how the process ends.
    }
    return ExitStatus.OK.code();
  }

  /**
   * To be told to stop is no failure: kubectl would show Error for a pod that ends with the JVM's
   * 143. One that had to be stopped because it did no work any more failed before that. While the
   * JDK Flight Recorder records, the JVM ends by itself, so that the recording is written.
   */
  private void stopOnSignal(ApproverManager approver) {
    ExitStatus status = approver.notLive().isEmpty() ? ExitStatus.OK : ExitStatus.INTERNAL;
    approver.close();
    try {
      over.await(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!FlightRecorder.isInitialized()) {
      Runtime.getRuntime().halt(status.code());
    }
  }

  private Duration leaseDuration() throws CliException {
    if (leaseSeconds != null) {
      err.println(
          "warning: "
              + FORMER_LEASE_DURATION
              + " is deprecated; use "
              + FlagValues.LEASE_DURATION
              + ", as in 15s");
    }
    String text =
        leaseDuration != null ? leaseDuration : leaseSeconds != null ? leaseSeconds + "s" : "15s";
    return FlagValues.leaseDuration(text);
  }

  private ClientCredentials credentials() throws CliException {
    CredentialsResult result =
        kubeconfig == null
            ? ClientCredentials.fromEnvironment(
                System.getenv(),
                Path.of(System.getProperty("user.home", "/")),
                Optional.ofNullable(context),
                InstantSource.system())
            : ClientCredentials.fromKubeconfig(
                kubeconfig, Optional.ofNullable(context), InstantSource.system());
    return switch (result) {
      case CredentialsResult.Usable(ClientCredentials credentials) -> credentials;
      case CredentialsResult.Unusable(String problem) -> throw CliException.usage(problem);
    };
  }

  private String namespace() throws CliException {
    if (namespace != null) {
      return namespace;
    }
    Path file = ClientCredentials.SERVICE_ACCOUNT_DIRECTORY.resolve("namespace");
    if (kubeconfig != null || !Files.exists(file)) {
      return "kube-system";
    }
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new CliException(
          ExitStatus.INTERNAL, file + ": got unreadable text; want a namespace's name", e);
    }
  }

  /** Unique among replicas: in a pod the host name is the pod's name. */
  private static String identity() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown-host";
    }
    return host + "_" + ProcessHandle.current().pid() + "_" + Long.toHexString(System.nanoTime());
  }
}
