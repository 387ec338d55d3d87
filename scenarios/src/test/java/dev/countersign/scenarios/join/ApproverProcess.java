package dev.countersign.scenarios.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.join.JoinApprover;
import dev.countersign.approver.join.JoinListener;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.decision.Decision;
import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

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
    JoinListener listener =
        new JoinListener() {
          @Override
          public void decided(CsrObject csr, Decision decision) {
            if (moment == Moment.DECIDED && decision instanceof Decision.Approve) {
              standStill();
            }
          }

          @Override
          public void written(String request, Step step) {
            if (step.name().equals(moment.name())) {
              standStill();
            }
          }

          @Override
          public void troubled(String request, String why) {
            System.err.println(request + ": " + why);
          }
        };
    try (ApiClient client =
            new ApiClient(credentials, ApiClientOptions.defaults(), ApiObserver.NONE);
        JoinApprover approver =
            new JoinApprover(
                client,
                JoinOptions.defaults(),
                listener,
                InstantSource.system(),
                () -> true,
                WatchObserver.NONE,
                RandomGenerator.getDefault())) {
      approver.start();
      new CountDownLatch(1).await();
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
