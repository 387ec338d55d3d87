package dev.countersign.policy.gather;

import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.request.CsrSpec;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Decides on a request, or explains the decision, by facts that it has looked up as needed. */
public final class FactGatherer {
  private FactGatherer() {}

  /** The decision, by the facts that can change it: the cheap ones first. */
  public static Decision decide(Policy policy, CsrSpec csr, FactSource source) {
    Preflight preflight = policy.preflight(csr);
    return policy.decide(preflight, facts(policy, preflight, source));
  }

  /** The facts that can change a decision, each looked up once. */
  public static Facts facts(Policy policy, Preflight preflight, FactSource source) {
    return preflight instanceof Preflight.Open open
        ? gather(policy, open, source, source.begin(), facts -> policy.wanted(preflight, facts))
        : Facts.none();
  }

  /**
   * The same decision, with what every check makes of the request, also of those that cannot change
   * the decision. Nothing is looked up for a request that is left to others: a pending one that the
   * policy ignores, or one for another signer.
   */
  public static Explanation explain(Policy policy, CsrSpec csr, FactSource source) {
    Preflight preflight = policy.preflight(csr);
    Facts facts = facts(policy, preflight, source);
    boolean isLeft =
        preflight instanceof Preflight.Settled(Decision.Ignore(Decision.Ground ground))
            && (csr.isPending() || ground == Decision.Ground.OTHER_SIGNER);
    Optional<Preflight.Open> open =
        Optional.of(csr).filter(_ -> !isLeft).flatMap(policy::takenApart);
    return policy.explain(
        csr,
        policy.decide(preflight, facts),
        open.map(
                found ->
                    gather(
                        policy,
                        found,
                        source,
                        preflight instanceof Preflight.Open ? facts : source.begin(),
                        known -> policy.looksAt(found, known)))
            .orElse(facts));
  }

  /** Looks up what is wanted and not known, until nothing more is wanted than was asked for. */
  private static Facts gather(
      Policy policy,
      Preflight.Open open,
      FactSource source,
      Facts known,
      Function<Facts, Set<FactKind>> wants) {
    Facts facts = known;
    EnumSet<FactKind> asked = EnumSet.noneOf(FactKind.class);
    while (true) {
      EnumSet<FactKind> wanted = EnumSet.noneOf(FactKind.class);
      for (FactKind kind : wants.apply(facts)) {
        if (!asked.contains(kind) && !facts.isLookedUp(kind)) {
          wanted.add(kind);
        }
      }
      if (wanted.isEmpty()) {
        return facts;
      }
      for (FactKind kind : wanted) {
        facts = source.lookUp(kind, facts, open, policy.config());
      }
      asked.addAll(wanted);
    }
  }
}
