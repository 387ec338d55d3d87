package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.ServedCertificate;
import java.util.Optional;
import java.util.Set;

/**
 * The inventories that the policy file names give the Node each name and address. Where none knows
 * the Node, the policy file may let it renew what it serves now.
 */
final class InventoryAgrees implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    if (config.inventory().isEmpty()) {
      return Set.of();
    }
    return renews(config)
            && Inventories.of(config, facts).filter(Inventories::nobodyKnowsIt).isPresent()
        ? Set.of(FactKind.INVENTORY, FactKind.SERVED)
        : Set.of(FactKind.INVENTORY);
  }

  private static boolean renews(PolicyConfig config) {
    return config
        .inventory()
        .filter(inventory -> inventory.onMissing() == Inventory.OnMissing.RENEW)
        .isPresent();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    Optional<Inventories> inventories = Inventories.of(config, facts);
    if (inventories.isEmpty()) {
      return;
    }
    if (!inventories.get().isMissing()) {
      isGiven(inspection, inventories.get(), findings);
    } else if (!inventories.get().unknown().isEmpty()) {
      unknown(inventories.get(), findings);
    } else if (renews(config) && inventories.get().nobodyKnowsIt()) {
      isServed(inspection, facts, findings);
    } else {
      findings.add(Reason.INVENTORY_MISSING, "inventory", noEntry(inspection), "an entry");
    }
  }

  private static void isGiven(
      ParsedCsr inspection, Inventories inventories, ViolationCollector findings) {
    boolean refused = false;
    for (RequestedSan claim : inspection.claims()) {
      if (!inventories.allow(claim.claim())) {
        refused = true;
        if (inventories.unknown().isEmpty()) {
          findings.add(
              Reason.INVENTORY_MISMATCH,
              claim.path(),
              claim.shown(),
              "a name or address that the inventory gives the Node");
        }
      }
    }
    if (refused) {
      unknown(inventories, findings);
    }
  }

  private static void unknown(Inventories inventories, ViolationCollector findings) {
    for (String unknown : inventories.unknown()) {
      findings.add(Reason.FACT_UNKNOWN, "facts.inventory", "unknown: " + unknown, "known");
    }
  }

  /** A verified certificate that the Node serves has each name and address. */
  private static void isServed(ParsedCsr inspection, Facts facts, ViolationCollector findings) {
    Optional<ServedCertificate> served =
        facts.served()
                instanceof
                Fact.Known<Optional<ServedCertificate>>(Optional<ServedCertificate> known)
            ? known.filter(found -> inspection.node().filter(found.node()::equals).isPresent())
            : Optional.empty();
    if (served.isEmpty()) {
      findings.add(
          Reason.INVENTORY_MISSING,
          "inventory",
          noEntry(inspection) + ", and no certificate that it serves now",
          "an entry, or a certificate to renew");
      return;
    }
    for (RequestedSan claim : inspection.claims()) {
      boolean has =
          switch (claim.claim()) {
            case DnsName name -> served.get().dnsNames().contains(name);
            case IpAddress address -> served.get().addresses().contains(address);
          };
      if (!has) {
        findings.add(
            Reason.INVENTORY_MISSING,
            claim.path(),
            claim.shown() + ", and " + noEntry(inspection),
            "an entry, or a name or address of the certificate served now");
      }
    }
  }

  private static String noEntry(ParsedCsr inspection) {
    return "no entry for Node " + inspection.shownNode();
  }
}
