package dev.countersign.policy.join;

import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.config.PolicyConfig;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How long things last.
 *
 * @param certificateLifetime the most that kube-controller-manager signs for ({@code
 *     --cluster-signing-duration}): a Node that has not been in contact for longer holds no valid
 *     certificate. Too short a value here would let a silent node's name be taken.
 * @param registrationWindow how long after an approved join its Node may take to appear; until then
 *     nobody else gets the name
 * @param machines the inventories of Machines that ServiceAccounts join
 */
public record JoinConfig(
    Duration certificateLifetime,
    Duration registrationWindow,
    List<InventorySource.Machines> machines) {
  /**
   * 72 hours, which is what the clusters we render sign for (kube-controller-manager by itself
   * signs for a year); a quarter of an hour.
   */
  public static final JoinConfig DEFAULT =
      new JoinConfig(Duration.ofDays(3), Duration.ofMinutes(15));

  public JoinConfig {
    machines = List.copyOf(machines);
    if (!certificateLifetime.isPositive()) {
      throw new IllegalArgumentException(
          "certificateLifetime: got " + certificateLifetime + "; want a duration above zero");
    }
    if (registrationWindow.isNegative()) {
      throw new IllegalArgumentException(
          "registrationWindow: got " + registrationWindow + "; want zero or more");
    }
  }

  /** Without Machines. */
  public JoinConfig(Duration certificateLifetime, Duration registrationWindow) {
    this(certificateLifetime, registrationWindow, List.of());
  }

  /** The same with the Machines of a policy's inventory that name ServiceAccounts. */
  public JoinConfig withMachines(Optional<PolicyConfig.Inventory> inventory) {
    return new JoinConfig(
        certificateLifetime,
        registrationWindow,
        inventory.stream()
            .flatMap(found -> found.sources().stream())
            .filter(InventorySource.Machines.class::isInstance)
            .map(InventorySource.Machines.class::cast)
            .filter(source -> !source.bootstrappers().isEmpty())
            .toList());
  }

  /** A ServiceAccount, and the Machines that it joins. */
  public record Bootstrap(InventorySource.Machines machines, Bootstrapper account) {
    public Bootstrap {
      Objects.requireNonNull(machines, "machines");
      Objects.requireNonNull(account, "account");
    }
  }

  /** Whether a requester is a ServiceAccount that joins Machines, and which. */
  public Optional<Bootstrap> bootstrap(JoinRequest request) {
    for (InventorySource.Machines source : machines) {
      for (Bootstrapper account : source.bootstrappers()) {
        if (request.username().equals(account.username())
            && request.groups().contains(account.group())) {
          return Optional.of(new Bootstrap(source, account));
        }
      }
    }
    return Optional.empty();
  }
}
