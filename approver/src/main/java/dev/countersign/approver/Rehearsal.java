package dev.countersign.approver;

import dev.countersign.approver.rehearsal.PretendedApi;
import dev.countersign.approver.rehearsal.PretendedServer;
import dev.countersign.policy.config.PolicyConfig;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Decides on requests of a pretended cluster, so that the first thousand of the real one find
 * compiled code (docs/adr/0013). An approver of its own does it, with a log and metrics of its own.
 */
public final class Rehearsal {
  /** Together twice as many as leave nothing of a decision to be compiled. */
  private static final int BATCHES = 30;

  private static final int BATCH = 10;

  /** The longer the compiler's queue, the more often code has to run to get into it. */
  private static final Duration PAUSE = Duration.ofMillis(30);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Rehearsal() {}

  /**
   * Rehearses.
   *
   * @param options those of the real approver
   * @param isCalledOff whether there is something real to do; asked before each batch of ten
   * @return how many requests were decided on
   */
  public static int run(ApproverOptions options, BooleanSupplier isCalledOff)
      throws IOException, InterruptedException {
    PretendedApi api = new PretendedApi(BATCH);
    ApproverOptions pretended =
        ApproverOptions.defaults(new PretendedServer(api), Writer.nullWriter())
            .withLogFormat(options.logFormat())
            .withPolicy(policy(options.policy()));
    int decided = 0;
    try (Approver _ = Approver.start(pretended)) {
      for (int i = 0; i < BATCHES && !isCalledOff.getAsBoolean(); i++) {
        api.ask(BATCH);
        if (!api.awaitVerdicts(BATCH, PATIENCE)) {
          break;
        }
        decided += BATCH;
        Thread.sleep(PAUSE);
      }
    }
    return decided;
  }

  /** Without all that asks others: inventories, name servers and kubelets are no part of it. */
  private static PolicyConfig policy(PolicyConfig real) {
    PolicyConfig defaults = PolicyConfig.defaults();
    return new PolicyConfig(
        defaults.mode(),
        defaults.limits(),
        defaults.keys(),
        defaults.names(),
        defaults.addresses(),
        defaults.guard(),
        defaults.ownership(),
        real.access(),
        defaults.inventory(),
        defaults.renewal(),
        defaults.rules());
  }
}
