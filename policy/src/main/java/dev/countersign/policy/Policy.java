package dev.countersign.policy;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.check.Checks;
import dev.countersign.policy.check.ClusterCheck;
import dev.countersign.policy.check.JoinAttempt;
import dev.countersign.policy.check.ParsedCsr;
import dev.countersign.policy.check.RequestCheck;
import dev.countersign.policy.check.ViolationCollector;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.config.Requestors;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.decision.ViolationScope;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinRecords;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Decides on requests for kubelets' certificates, of one signer: {@code (request, facts, config) ->
 * Decision}. The two signers differ in their {@link Checks}.
 *
 * <p>Pure: no clock, no I/O, no state but its configuration; the same arguments always give the
 * same decision. Safe for use by several threads. It throws only on programming errors, never
 * because of what a request holds.
 *
 * <p>Two ways to use it. With all facts at hand, {@link #decide(CsrSpec, Facts)}. Where facts cost
 * calls: {@link #preflight}, then {@link #wanted} and look those up, until it wants nothing more,
 * then {@link #decide(Preflight, Facts)}.
 */
public final class Policy {
  private final Checks checks;
  private final PolicyConfig config;

  private Policy(Checks checks, PolicyConfig config) {
    this.checks = checks;
    this.config = Objects.requireNonNull(config, "config");
  }

  /** The policy of that configuration for serving certificates. */
  public static Policy of(PolicyConfig config) {
    return new Policy(Checks.serving(), config);
  }

  /** The policy of that configuration for client certificates: strict join. */
  public static Policy ofClients(PolicyConfig config, JoinConfig join) {
    return new Policy(Checks.client(join), config);
  }

  /** The decision of a policy of that configuration on a serving certificate. */
  public static Decision decide(CsrSpec csr, Facts facts, PolicyConfig config) {
    return of(config).decide(csr, facts);
  }

  /** The configuration. */
  public PolicyConfig config() {
    return config;
  }

  /** The decision on a request, with facts in hand. */
  public Decision decide(CsrSpec csr, Facts facts) {
    return decide(preflight(csr), facts);
  }

  /**
   * What can be said without facts: a denial, a deferral until the policy changes, that it is not
   * ours, or that facts decide.
   */
  public Preflight preflight(CsrSpec csr) {
    Optional<Decision.Ground> ground = groundToIgnore(csr);
    if (ground.isPresent()) {
      return new Preflight.Settled(new Decision.Ignore(ground.get()));
    }
    if (isOthers(csr) && config.requestors().others() == Requestors.Others.DEFER) {
      return new Preflight.Settled(new Decision.Defer(List.of(othersViolation(csr))));
    }
    ParsedCsr inspection = ParsedCsr.of(csr, config.limits().requestBytes());
    ViolationCollector findings = new ViolationCollector(ViolationScope.REQUEST);
    for (RequestCheck check : checks.onRequest()) {
      check.inspect(inspection, config, findings);
    }
    if (findings.violations().stream().anyMatch(Violation::isFinal)) {
      return new Preflight.Settled(new Decision.Deny(findings.violations()));
    }
    if (!findings.isEmpty()) {
      return new Preflight.Settled(new Decision.Defer(findings.violations()));
    }
    return new Preflight.Open(
        inspection,
        inspection
            .node()
            .orElseThrow(() -> new IllegalStateException("no check refused a nameless node")));
  }

  /**
   * The request taken apart, whatever is wrong with it, where it names a Node that can be: what an
   * explanation of every check looks facts up for.
   */
  public Optional<Preflight.Open> takenApart(CsrSpec csr) {
    ParsedCsr inspection = ParsedCsr.of(csr, config.limits().requestBytes());
    return inspection.node().map(node -> new Preflight.Open(inspection, node));
  }

  /**
   * The facts worth looking up now: those that the configuration needs and that are not known.
   * While any of those kept in caches is missing, only these; those that cost a call only when
   * nothing that is known already defers the request. Empty when more facts cannot change the
   * decision or none are needed.
   *
   * <p>A fact that was looked up in vain stays wanted: the caller must decide when to stop.
   */
  public Set<FactKind> wanted(Preflight preflight, Facts facts) {
    return switch (preflight) {
      case Preflight.Settled _ -> Set.of();
      case Preflight.Open(ParsedCsr inspection, _) -> wanted(inspection, facts);
    };
  }

  /**
   * The facts that the checks look at under this configuration, known or not and whether or not
   * they can still change the decision: what an explanation of every check rests on.
   */
  public Set<FactKind> looksAt(Preflight.Open open, Facts facts) {
    EnumSet<FactKind> kinds = EnumSet.noneOf(FactKind.class);
    for (ClusterCheck check : checks.onCluster()) {
      kinds.addAll(check.needs(open.inspection(), facts, config));
    }
    return kinds;
  }

  private Set<FactKind> wanted(ParsedCsr inspection, Facts facts) {
    EnumSet<FactKind> cached = EnumSet.noneOf(FactKind.class);
    EnumSet<FactKind> calls = EnumSet.noneOf(FactKind.class);
    for (ClusterCheck check : checks.onCluster()) {
      for (FactKind kind : check.needs(inspection, facts, config)) {
        if (unknown(kind, facts).isPresent()) {
          (kind.cost() == FactKind.Cost.CACHED ? cached : calls).add(kind);
        }
      }
    }
    if (!cached.isEmpty()) {
      return cached;
    }
    return calls.isEmpty() || isHeldAlready(inspection, facts) ? Set.of() : calls;
  }

  private boolean isHeldAlready(ParsedCsr inspection, Facts facts) {
    ViolationCollector findings = new ViolationCollector(ViolationScope.CLUSTER);
    for (ClusterCheck check : checks.onCluster()) {
      Set<FactKind> needs = check.needs(inspection, facts, config);
      boolean known = true;
      for (FactKind kind : needs) {
        known &= unknown(kind, facts).isEmpty();
      }
      if (known && check.applies(inspection, facts, config)) {
        check.inspect(inspection, facts, config, findings);
      }
    }
    for (Violation violation : findings.violations()) {
      if (holds(violation)) {
        return true;
      }
    }
    return false;
  }

  /** The decision that follows from a preflight of this policy and facts. */
  public Decision decide(Preflight preflight, Facts facts) {
    return switch (preflight) {
      case Preflight.Settled(Decision decision) -> decision;
      case Preflight.Open open -> decide(open, facts);
    };
  }

  /**
   * The decision with every check's verdict. Unlike a decision it runs the checks on the cluster
   * even where the request alone settles it, as far as the facts go.
   */
  public Explanation explain(CsrSpec csr, Facts facts) {
    return explain(csr, decide(csr, facts), facts);
  }

  /**
   * The same, where the decision was made by fewer facts: those that could change it.
   *
   * @param facts what the checks look at
   */
  public Explanation explain(CsrSpec csr, Decision decision, Facts facts) {
    ParsedCsr inspection = ParsedCsr.of(csr, config.limits().requestBytes());
    List<CheckResult> results = new ArrayList<>();
    for (RequestCheck check : checks.onRequest()) {
      ViolationCollector findings = new ViolationCollector(ViolationScope.REQUEST);
      check.inspect(inspection, config, findings);
      results.add(
          result(
              check.name(),
              ViolationScope.REQUEST,
              verdict(check.applies(inspection, config), findings),
              findings));
    }
    EnumSet<FactKind> reported = EnumSet.noneOf(FactKind.class);
    for (ClusterCheck check : checks.onCluster()) {
      results.add(explain(check, inspection, facts, reported));
    }
    return Explanation.of(csr.name(), decision, results);
  }

  private CheckResult explain(
      ClusterCheck check, ParsedCsr inspection, Facts facts, EnumSet<FactKind> reported) {
    ViolationCollector findings = new ViolationCollector(ViolationScope.CLUSTER);
    Set<FactKind> needs = check.needs(inspection, facts, config);
    run(check, inspection, facts, reported, findings);
    boolean unknown = needs.stream().anyMatch(kind -> unknown(kind, facts).isPresent());
    Explanation.Verdict verdict =
        unknown
            ? Explanation.Verdict.UNKNOWN
            : verdict(check.applies(inspection, facts, config), findings);
    return result(check.name(), ViolationScope.CLUSTER, verdict, findings);
  }

  private static Explanation.Verdict verdict(boolean applies, ViolationCollector findings) {
    if (!applies) {
      return Explanation.Verdict.OFF;
    }
    return findings.isEmpty() ? Explanation.Verdict.PASSED : Explanation.Verdict.VIOLATED;
  }

  private static CheckResult result(
      String check,
      ViolationScope evidence,
      Explanation.Verdict verdict,
      ViolationCollector findings) {
    return new CheckResult(
        check,
        evidence.name(),
        verdict,
        findings.violations().stream().sorted().map(Finding::of).toList());
  }

  private Decision decide(Preflight.Open open, Facts facts) {
    ViolationCollector findings = new ViolationCollector(ViolationScope.CLUSTER);
    Set<FactKind> reported = leftOut(open, facts);
    for (ClusterCheck check : checks.onCluster()) {
      run(check, open.inspection(), facts, reported, findings);
    }
    if (findings.violations().stream().anyMatch(Violation::isFinal)) {
      return new Decision.Deny(findings.violations());
    }
    List<Violation> holding = new ArrayList<>();
    List<Violation> notices = new ArrayList<>();
    for (Violation violation : findings.violations()) {
      (holds(violation) ? holding : notices).add(violation);
    }
    return holding.isEmpty()
        ? new Decision.Approve(open.node(), notices, records(open, facts))
        : new Decision.Defer(findings.violations());
  }

  /**
   * Facts that were not looked up because the request is deferred without them: nothing to tell, or
   * to wait for.
   */
  private Set<FactKind> leftOut(Preflight.Open open, Facts facts) {
    Set<FactKind> kinds = looksAt(open, facts);
    kinds.removeIf(kind -> kind.cost() == FactKind.Cost.CACHED || facts.isLookedUp(kind));
    return kinds.isEmpty() || isHeldAlready(open.inspection(), facts)
        ? kinds
        : EnumSet.noneOf(FactKind.class);
  }

  private JoinRecords records(Preflight.Open open, Facts facts) {
    return checks.signer().equals(SignerName.KUBELET_CLIENT)
        ? JoinAttempt.records(open.inspection(), facts, config)
        : JoinRecords.NONE;
  }

  private void run(
      ClusterCheck check,
      ParsedCsr inspection,
      Facts facts,
      Set<FactKind> reported,
      ViolationCollector findings) {
    Set<FactKind> needs = check.needs(inspection, facts, config);
    boolean known = true;
    for (FactKind kind : needs) {
      Optional<String> why = unknown(kind, facts);
      if (why.isPresent()) {
        known &= check.settling().contains(kind);
        if (reported.add(kind)) {
          findings.add(
              Reason.FACT_UNKNOWN, "facts." + kind.path(), "unknown: " + why.get(), "known");
        }
      }
    }
    if (known && check.applies(inspection, facts, config)) {
      check.inspect(inspection, facts, config, findings);
    }
  }

  private boolean holds(Violation violation) {
    return violation.reason() != Reason.SANS_CHANGED
        || config.renewal().onChange() == Renewal.OnChange.DEFER;
  }

  private boolean isOthers(CsrSpec csr) {
    return checks.signer().equals(SignerName.KUBELET_SERVING)
        && !csr.requestor().username().startsWith(NodeName.USER_PREFIX);
  }

  private static Violation othersViolation(CsrSpec csr) {
    return new Violation(
        Reason.REQUESTOR_NOT_NODE,
        "spec.username",
        SafeText.quote(csr.requestor().username()),
        "system:node:<node name>");
  }

  /** Why the request is not for this policy to decide, if it is not. Reads no bytes of it. */
  public Optional<Decision.Ground> groundToIgnore(CsrSpec csr) {
    if (!csr.signer().equals(checks.signer())) {
      return Optional.of(Decision.Ground.OTHER_SIGNER);
    }
    if (csr.issued()) {
      return Optional.of(Decision.Ground.ALREADY_ISSUED);
    }
    if (csr.conditions().contains(CsrSpec.FAILED)) {
      return Optional.of(Decision.Ground.ALREADY_FAILED);
    }
    if (csr.conditions().contains(CsrSpec.APPROVED) || csr.conditions().contains(CsrSpec.DENIED)) {
      return Optional.of(Decision.Ground.ALREADY_DECIDED);
    }
    if (csr.deleting()) {
      return Optional.of(Decision.Ground.BEING_DELETED);
    }
    return isOthers(csr) && config.requestors().others() == Requestors.Others.IGNORE
        ? Optional.of(Decision.Ground.OTHER_REQUESTOR)
        : Optional.empty();
  }

  private Optional<String> unknown(FactKind kind, Facts facts) {
    if (kind == FactKind.INVENTORY) {
      return whyNotAsked(facts);
    }
    return switch (facts.fact(kind)) {
      case Fact.Known<?> _ -> Optional.empty();
      case Fact.Unknown<?>(String why) -> Optional.of(why);
    };
  }

  /**
   * A source that was asked and did not answer is the checks' to judge, by the combination rule.
   */
  private Optional<String> whyNotAsked(Facts facts) {
    return config.inventory().stream()
        .flatMap(inventory -> inventory.sources().stream())
        .map(InventorySource::name)
        .filter(name -> !facts.inventory().containsKey(name))
        .findFirst()
        .map(name -> "source " + name + " not looked up");
  }
}
