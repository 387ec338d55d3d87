package dev.countersign.policy.join;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether a ServiceAccount may join a node as a Machine: one Machine alone has the node's name, it
 * is no Node yet, and it was made a short while ago. The ServiceAccount's token is in every
 * machine's user data, so it proves nothing but that somebody has read one of these.
 */
final class MachineJoin {
  /** How much the clocks of two API servers may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

  private MachineJoin() {}

  /** The Machine; empty where there is at least one violation more. */
  static Optional<Machine> judge(
      JoinRequest request,
      String node,
      Bootstrapper account,
      Fact<List<Machine>> machines,
      List<Violation> violations) {
    return switch (machines) {
      case Fact.Unknown<List<Machine>>(String why) -> {
        violations.add(
            new Violation(Reason.FACT_UNKNOWN, "machines", SafeText.quote(why), "known Machines"));
        yield Optional.empty();
      }
      case Fact.Known<List<Machine>>(List<Machine> known) -> {
        DnsName name = DnsName.of(node);
        List<Machine> named =
            known.stream().filter(machine -> machine.entry().allows(name)).toList();
        if (named.size() != 1) {
          violations.add(
              new Violation(
                  Reason.MACHINE_MISSING,
                  "machines",
                  named.size() + " Machines with the address " + SafeText.quote(node),
                  "one of its Hostname, InternalDNS or ExternalDNS addresses"));
          yield Optional.empty();
        }
        yield isNew(request, named.getFirst(), account, violations)
            ? Optional.of(named.getFirst())
            : Optional.empty();
      }
    };
  }

  private static boolean isNew(
      JoinRequest request, Machine machine, Bootstrapper account, List<Violation> violations) {
    String shown = "Machine " + SafeText.quote(machine.name());
    if (machine.node().isPresent()) {
      violations.add(
          new Violation(
              Reason.MACHINE_JOINED,
              "machines",
              shown + ", which is Node " + machine.node().get() + " already",
              "a Machine without status.nodeRef"));
      return false;
    }
    Instant from = machine.created().minus(CLOCK_SKEW);
    Instant until = machine.created().plus(account.window());
    if (request.createdAt().isBefore(from) || request.createdAt().isAfter(until)) {
      violations.add(
          new Violation(
              Reason.MACHINE_WINDOW,
              "machines",
              "a request of " + request.createdAt() + " for " + shown,
              "one from " + from + " to " + until));
      return false;
    }
    return true;
  }
}
