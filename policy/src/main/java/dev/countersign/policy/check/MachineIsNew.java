package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.inventory.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A ServiceAccount joins a node as a Machine: one Machine alone has the node's name, it is no Node
 * yet, and it was made a short while ago. The ServiceAccount's token is in every machine's user
 * data, so it proves nothing but that somebody has read one of these.
 */
final class MachineIsNew implements ClusterCheck {
  /** How much the clocks of two API servers may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return Requester.of(inspection.csr(), config) instanceof Requester.MachineBootstrapper
        ? Set.of(FactKind.MACHINES)
        : Set.of();
  }

  private static List<Machine> named(ParsedCsr inspection, Facts facts) {
    if (!(facts.join().machines() instanceof Fact.Known<List<Machine>>(List<Machine> known))
        || inspection.node().isEmpty()) {
      return List.of();
    }
    DnsName name = DnsName.of(inspection.node().get().text());
    return known.stream().filter(machine -> machine.entry().allows(name)).toList();
  }

  /** The Machine that a node is joined as. */
  static Optional<Machine> machine(ParsedCsr inspection, Facts facts) {
    List<Machine> named = named(inspection, facts);
    return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    List<Machine> named = named(inspection, facts);
    if (named.size() != 1) {
      findings.add(
          Reason.MACHINE_MISSING,
          "machines",
          named.size() + " Machines with the address " + inspection.shownNode(),
          "one of its Hostname, InternalDNS or ExternalDNS addresses");
    } else if (Requester.of(inspection.csr(), config)
        instanceof Requester.MachineBootstrapper(_, Bootstrapper account)) {
      inspect(inspection.csr().created(), named.getFirst(), account, findings);
    }
  }

  private static void inspect(
      Instant created, Machine machine, Bootstrapper account, ViolationCollector findings) {
    String shown = "Machine " + SafeText.quote(machine.name());
    Instant from = machine.created().minus(CLOCK_SKEW);
    Instant until = machine.created().plus(account.window());
    if (machine.node().isPresent()) {
      findings.add(
          Reason.MACHINE_JOINED,
          "machines",
          shown + ", which is Node " + machine.node().get() + " already",
          "a Machine without status.nodeRef");
    } else if (created.isBefore(from) || created.isAfter(until)) {
      findings.add(
          Reason.MACHINE_WINDOW,
          "machines",
          "a request of " + created + " for " + shown,
          "one from " + from + " to " + until);
    }
  }
}
