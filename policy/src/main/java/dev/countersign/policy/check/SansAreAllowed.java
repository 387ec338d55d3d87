package dev.countersign.policy.check;

import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.DnsPattern;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import java.util.List;

/** Names and addresses lie within what the policy file allows, where it names anything. */
final class SansAreAllowed implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    List<DnsPattern> patterns = config.names().allowedPatterns();
    if (!patterns.isEmpty()) {
      for (ParsedCsr.RequestedName requested : inspection.names()) {
        if (patterns.stream().noneMatch(pattern -> pattern.matches(requested.name()))) {
          findings.add(
              Reason.DNS_OUTSIDE_ALLOWED_PATTERNS,
              requested.path(),
              requested.shown(),
              "a match of one of names.allowedPatterns, "
                  + SafeText.list(patterns.stream().map(DnsPattern::text).toList(), 5));
        }
      }
    }
    if (config.names().nodeNamePrefix()) {
      inspection.node().ifPresent(node -> inspectPrefix(inspection, node, findings));
    }
    List<IpRange> ranges = config.addresses().allowedRanges();
    if (!ranges.isEmpty()) {
      for (ParsedCsr.RequestedAddress requested : inspection.addresses()) {
        if (ranges.stream().noneMatch(range -> range.contains(requested.address()))) {
          findings.add(
              Reason.IP_OUTSIDE_ALLOWED_RANGES,
              requested.path(),
              "IP " + requested.address(),
              "an address in one of addresses.allowedRanges, " + ranges.stream().limit(8).toList());
        }
      }
    }
  }

  private static void inspectPrefix(
      ParsedCsr inspection, NodeName node, ViolationCollector findings) {
    for (ParsedCsr.RequestedName requested : inspection.names()) {
      String name = requested.name().text();
      if (!name.equals(node.text()) && !name.startsWith(node.text() + ".")) {
        findings.add(
            Reason.DNS_WITHOUT_NODE_NAME,
            requested.path(),
            requested.shown(),
            "the Node's name, "
                + SafeText.quote(node.text())
                + ", alone or before a dot (names.nodeNamePrefix)");
      }
    }
  }
}
