package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/** The API server says that the requestor may do what the policy file asks for. */
final class RequestorHasAccess implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return config.access().isPresent() ? Set.of(FactKind.ACCESS) : Set.of();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    AccessAttributes asked = config.access().orElseGet(AccessAttributes::defaults);
    if (facts.access() instanceof Fact.Known<AccessReview>(AccessReview.Refused(String why))) {
      String resource = asked.resource() + asked.subresource().map(sub -> "/" + sub).orElse("");
      findings.add(
          Reason.ACCESS_REFUSED,
          "spec.username",
          SafeText.quote(inspection.csr().requestor().username())
              + " may not"
              + (why.isEmpty() ? "" : ": " + SafeText.quote(why)),
          "the right to " + asked.verb() + " " + resource + "." + asked.group());
    }
  }
}
