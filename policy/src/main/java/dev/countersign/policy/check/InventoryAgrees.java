package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.SafeText;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/** The inventories that the policy file names give the Node each name and address. */
final class InventoryAgrees implements ClusterCheck {
  @Override
  public Set<FactKind> needs(Inspection inspection, Facts facts, PolicyConfig config) {
    return config.inventory().isPresent() ? Set.of(FactKind.INVENTORY) : Set.of();
  }

  @Override
  public void inspect(Inspection inspection, Facts facts, PolicyConfig config, Findings findings) {
    Inventories.of(config, facts)
        .ifPresent(inventories -> inspect(inspection, inventories, findings));
  }

  private static void inspect(Inspection inspection, Inventories inventories, Findings findings) {
    boolean refused = false;
    if (!inventories.isMissing()) {
      for (Claim claim : inspection.claims()) {
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
    } else if (inventories.unknown().isEmpty()) {
      findings.add(
          Reason.INVENTORY_MISSING,
          "inventory",
          "no entry for Node " + SafeText.quote(inspection.node().map(Object::toString).orElse("")),
          "an entry");
    }
    if (refused || inventories.isMissing()) {
      for (String unknown : inventories.unknown()) {
        findings.add(Reason.FACT_UNKNOWN, "facts.inventory", "unknown: " + unknown, "known");
      }
    }
  }
}
