package dev.countersign.policy.check;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.ServedCertificate;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The request names the same hosts as the certificate that the Node serves now, if it serves one.
 */
final class RenewalKeepsNames implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return config.renewal().onChange() == Renewal.OnChange.IGNORE
        ? Set.of()
        : Set.of(FactKind.SERVED);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (facts.served()
            instanceof Fact.Known<Optional<ServedCertificate>>(Optional<ServedCertificate> served)
        && served.isPresent()
        && inspection.node().filter(served.get().node()::equals).isPresent()) {
      Set<String> before =
          Stream.<NameOrAddress>concat(
                  served.get().dnsNames().stream(), served.get().addresses().stream())
              .map(NameOrAddress::key)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> now =
          inspection.claims().stream()
              .map(claim -> claim.claim().key())
              .collect(Collectors.toCollection(TreeSet::new));
      if (!before.equals(now)) {
        Set<String> added = new TreeSet<>(now);
        added.removeAll(before);
        Set<String> removed = new TreeSet<>(before);
        removed.removeAll(now);
        findings.add(
            Reason.SANS_CHANGED,
            "request.san",
            "added " + added + ", removed " + removed,
            "the names of the certificate served now");
      }
    }
  }
}
