package dev.countersign.scenarios.join;

import dev.countersign.approver.controller.Controller;
import dev.countersign.approver.controller.DecisionReports;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.health.Health;
import dev.countersign.approver.join.JoinHandler;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.request.SignerName;
import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Strict join in a process of its own, which stands still at a given moment of its first join, so
 * that it can be killed right there.
 */
final class ApproverProcess {
  /** Where it stands still. */
  enum Moment {
    /** It has decided to admit and has written nothing. */
    DECIDED,
    /** The use of the token is written. */
    USE,
    /** The claim to the name is written, too; only the approval is missing. */
    CLAIM
  }

  private ApproverProcess() {}

  /** Takes a kubeconfig and a {@link Moment}. */
  public static void main(String[] arguments) throws Exception {
    Moment moment = Moment.valueOf(arguments[1]);
    CredentialsResult read =
        ClientCredentials.fromKubeconfig(
            Path.of(arguments[0]), Optional.empty(), InstantSource.system());
    if (!(read instanceof CredentialsResult.Usable(ClientCredentials credentials))) {
      throw new IOException(read.toString());
    }
    Answers answers = new Answers(moment);
    ApiClient client = new ApiClient(credentials, ApiClientOptions.defaults(), answers);
    StructuredLog log = new StructuredLog(System.err, LogFormat.TEXT, InstantSource.system());
    Controller joins =
        new Controller(
            client,
            new JoinHandler(
                client, JoinOptions.defaults(), PolicyConfig::defaults, InstantSource.system()),
            new PendingRequests(SignerName.KUBELET_CLIENT, 5000, 10_000),
            new Controller.Settings("joins", 8, 1, Duration.ofSeconds(10), () -> true),
            new DecisionReports(
                DecisionReports.Kind.JOIN,
                log,
                new ApproverMetrics(),
                new CertificateExpiries(0),
                (csr, violations) -> {}),
            WatchObserver.NONE,
            new Health(List.of(), () -> 0, () -> true));
    Thread.ofVirtual().start(joins.watch());
    joins.run();
  }

  /** Watches the answers to the first join: all of its look-ups, then the writes, one by one. */
  private static final class Answers implements ApiObserver {
    private final Moment moment;
    private final AtomicInteger absent = new AtomicInteger();

    private Answers(Moment moment) {
      this.moment = moment;
    }

    @Override
    public void answered(HttpRequest.Method method, int code, Duration took) {
      boolean there =
          switch (moment) {
            // Neither the claim nor the Node is there yet.
            case DECIDED -> code == 404 && absent.incrementAndGet() == 2;
            case USE -> method == HttpRequest.Method.PUT && code == 200;
            case CLAIM -> method == HttpRequest.Method.POST && code == 201;
          };
      if (there) {
        standStill();
      }
    }
  }

  private static void standStill() {
    System.out.println("standing still");
    System.out.flush();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts one. */
  static Process start(Path kubeconfig, Moment moment) throws IOException {
    return new ProcessBuilder(
            CountersignProcess.java(
                ApproverProcess.class.getName(), List.of(kubeconfig.toString(), moment.name())))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Waits until it stands still, then kills it (SIGKILL). */
  static void killWhereItStands(Process process) throws IOException, InterruptedException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS) || !"standing still".equals(line)) {
      throw new AssertionError("got " + line + "; want it to stand still and to be killed");
    }
  }
}
