package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.UserFile;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Explains requests by the facts that objects tell, and for a live cluster by asking for those that
 * cost a call, too, as the approver does.
 */
final class Judgement implements AutoCloseable {
  private static final int AT_ONCE = 16;

  private final Policy policy;
  private final ClusterObjects objects;
  private final Optional<FactCalls> calls;

  private Judgement(PolicyConfig config, ClusterObjects objects, Optional<FactCalls> calls) {
    this.policy = Policy.of(config);
    this.objects = objects;
    this.calls = calls;
  }

  /** By objects alone. */
  static Judgement offline(PolicyConfig config, ClusterObjects objects) {
    return new Judgement(config, objects, Optional.empty());
  }

  /** By objects of a cluster, and by asking it. */
  static Judgement live(PolicyConfig config, ClusterObjects objects, ClusterAccess cluster) {
    return new Judgement(config, objects, Optional.of(new FactCalls(cluster, config)));
  }

  /** A file's text. */
  static String read(Path file) throws CommandFailure {
    return UserFile.read(file, "a text");
  }

  /** The explanation of the only request among the objects. */
  Explanation only() {
    return explain(objects.requests().getFirst());
  }

  /** The decision on a request, and why. */
  Explanation explain(CsrView csr) {
    return policy.explain(
        csr,
        switch (policy.preflight(csr)) {
          case Preflight.Settled(Decision.Ignore _) -> Facts.none();
          // also where the request alone settles it: this is to show every check
          case Preflight.Settled _, Preflight.Open _ ->
              policy.takenApart(csr).map(open -> facts(csr, open)).orElseGet(Facts::none);
        });
  }

  /** The explanations of several requests, in their order; look-ups are made side by side. */
  List<Explanation> explain(List<CsrView> csrs) {
    ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());
    try {
      List<Future<Explanation>> futures = new ArrayList<>();
      for (CsrView csr : csrs) {
        futures.add(executor.submit(() -> explain(csr)));
      }
      List<Explanation> explanations = new ArrayList<>();
      for (Future<Explanation> future : futures) {
        explanations.add(future.get());
      }
      return explanations;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      executor.shutdownNow();
    }
  }

  private Facts facts(CsrView csr, Preflight.Open open) {
    PolicyConfig config = policy.config();
    Facts facts = objects.factsAbout(open.node(), open.claims(), config);
    if (calls.isEmpty()) {
      return objects.withGiven(facts, open, csr.requestor().username(), config);
    }
    facts = facts.withNewerPending(Fact.known(objects.newerPending(csr)));
    // all of them, also those that can't change the decision any more: this is to show every check
    for (FactKind kind : policy.looksAt(open, facts)) {
      if (kind.cost() == FactKind.Cost.CALL) {
        facts = calls.get().lookUp(kind, facts, csr, open);
      }
    }
    return objects.withHoldings(facts, open, config);
  }

  @Override
  public void close() {
    calls.ifPresent(FactCalls::close);
  }
}
