package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.rule.Rule;
import dev.countersign.policy.rule.RuleInputs;
import java.util.Optional;

/** The policy file's rules that look only at the request let it pass. */
final class RulesPassOnRequest implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    for (Rule rule : config.rules().rules()) {
      if (!rule.looksAtNode()) {
        inspection
            .request()
            .map(request -> new RuleInputs(inspection.csr(), request, Optional.empty()))
            .filter(inputs -> rule.evaluate(inputs) instanceof Rule.Verdict.Refuses)
            .ifPresent(
                _ ->
                    findings.add(
                        Reason.RULE_REFUSED_REQUEST,
                        "rules." + rule.name(),
                        "refused: " + SafeText.plain(rule.message()),
                        "true"));
      }
    }
  }
}
