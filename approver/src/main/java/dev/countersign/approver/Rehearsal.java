package dev.countersign.approver;

import dev.countersign.approver.rehearsal.PretendedApi;
import dev.countersign.approver.rehearsal.PretendedServer;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.Outcome;
import dev.countersign.policy.config.PolicyConfig;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Decides on requests of a pretended cluster, so that the first thousand of the real one find
 * compiled code (docs/adr/0014). An approver of its own does it, with a log and metrics of its own.
 */
public final class Rehearsal {
  /** Pretended requests, after which nothing of a decision is left to be compiled. */
  public static final int LENGTH = 300;

  private static final int BATCH = 10;

  /** The longer the compiler's queue, the more often code has to run to get into it. */
  private static final Duration PAUSE = Duration.ofMillis(30);

  private static final Duration BETWEEN_CONNECTIONS = Duration.ofMillis(10);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Rehearsal() {}

  /**
   * Rehearses.
   *
   * @param options those of the real approver
   * @param from how many requests were decided on before it was called off the last time
   * @param isCalledOff whether there is something real to do; asked before each batch of ten
   * @return how many requests were decided on, including those before: {@link #LENGTH}, unless it
   *     was called off
   * @throws IOException when one of them is not decided on
   */
  public static int run(ApproverOptions options, int from, BooleanSupplier isCalledOff)
      throws IOException, InterruptedException {
    return run(options, from, isCalledOff, new PretendedApi(BATCH));
  }

  static int run(ApproverOptions options, int from, BooleanSupplier isCalledOff, PretendedApi api)
      throws IOException, InterruptedException {
    ApproverOptions pretended =
        ApproverOptions.defaults(new PretendedServer(api), Writer.nullWriter())
            .withLogFormat(options.logFormat())
            .withPolicy(policy(options.policy()));
    int decided = from;
    try (Approver _ = Approver.start(pretended)) {
      while (decided < LENGTH && !isCalledOff.getAsBoolean()) {
        api.ask(BATCH);
        if (!api.awaitVerdicts(BATCH, PATIENCE)) {
          throw new IOException(
              "got no verdict on a pretended request in " + PATIENCE.toSeconds() + " s; want one");
        }
        decided += BATCH;
        Thread.sleep(PAUSE);
      }
    }
    return decided;
  }

  /**
   * Opens connections to the real API server, one after another, for the first requests to find. A
   * storm that comes later finds the code of a handshake compiled, which takes a third of the time
   * then.
   *
   * @param isCalledOff whether there is something real to do; asked before each of them
   * @param failed told why there is none to be had, where it ends with that
   * @return how many were opened: {@code many}, unless it was called off or failed
   */
  static int connectAhead(
      ApiClient client, int many, BooleanSupplier isCalledOff, Consumer<String> failed)
      throws InterruptedException {
    int opened = 0;
    while (opened < many && !isCalledOff.getAsBoolean()) {
      if (client.connectAhead() instanceof Outcome.Unreachable<Boolean>(String why)) {
        failed.accept(why);
        return opened;
      }
      opened++;
      Thread.sleep(BETWEEN_CONNECTIONS);
    }
    return opened;
  }

  /** Without all that asks others: inventories, name servers and kubelets are no part of it. */
  private static PolicyConfig policy(PolicyConfig real) {
    return PolicyConfig.defaults().withAccess(real.access());
  }
}
