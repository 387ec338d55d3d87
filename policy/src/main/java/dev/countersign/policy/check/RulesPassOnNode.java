package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.rule.Rule;
import dev.countersign.policy.rule.RuleInputs;
import dev.countersign.x509.request.CertificateRequest;
import java.util.Optional;
import java.util.Set;

/** The policy file's rules that look at the Node let it pass, and every rule can be evaluated. */
final class RulesPassOnNode implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return config.rules().rules().isEmpty() ? Set.of() : Set.of(FactKind.NODE);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    Optional<NodeFact> node = RequestingNode.of(inspection, facts);
    Optional<CertificateRequest> request = inspection.request();
    if (node.isEmpty() || request.isEmpty()) {
      return;
    }
    RuleInputs inputs = new RuleInputs(inspection.csr(), request.get(), node);
    for (Rule rule : config.rules().rules()) {
      String path = "rules." + rule.name();
      switch (rule.evaluate(inputs)) {
        case Rule.Verdict.Passes _ -> {}
        case Rule.Verdict.Refuses _ -> {
          if (rule.looksAtNode()) {
            findings.add(
                Reason.RULE_REFUSED, path, "refused: " + SafeText.plain(rule.message()), "true");
          }
        }
        case Rule.Verdict.Undecided(String why) ->
            findings.add(Reason.RULE_UNDECIDED, path, "undecided: " + why, "true");
      }
    }
  }
}
