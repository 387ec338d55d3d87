package dev.countersign.approver.join;

import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.PublishedKeys;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * How strict join works in one cluster.
 *
 * @param config how long certificates last, and the like
 * @param namespace where its records are
 * @param inventory whether a node name is in the inventory
 * @param machines reads the Machines that ServiceAccounts join
 * @param attestations ways in which machines may prove themselves; the first that holds counts
 * @param publishedKeys fetches the keys that issuers publish
 * @param parallel how many requests are worked on at once
 * @param lookAgain how often a deferred request is looked at again, also without any change
 */
public record JoinOptions(
    JoinConfig config,
    String namespace,
    Function<String, Fact<Boolean>> inventory,
    Function<InventorySource.Machines, Fact<List<Machine>>> machines,
    List<Attestation> attestations,
    PublishedKeys publishedKeys,
    int parallel,
    Duration lookAgain) {
  public JoinOptions {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(inventory, "inventory");
    Objects.requireNonNull(machines, "machines");
    attestations = List.copyOf(attestations);
    Objects.requireNonNull(publishedKeys, "publishedKeys");
    if (parallel < 1) {
      throw new IllegalArgumentException("parallel: got " + parallel + "; want 1 or more");
    }
    if (!lookAgain.isPositive()) {
      throw new IllegalArgumentException(
          "lookAgain: got " + lookAgain + "; want a duration above zero");
    }
  }

  /** Without inventory and attestation: grants that ask for either are deferred. */
  public static JoinOptions defaults() {
    return new JoinOptions(
        JoinConfig.DEFAULT,
        BootstrapTokenGrant.DEFAULT_NAMESPACE,
        _ -> Fact.unknown("no inventory is configured"),
        _ -> Fact.unknown("nothing reads Machines"),
        List.of(),
        PublishedKeys.NONE,
        8,
        Duration.ofSeconds(10));
  }

  /** The same with the records elsewhere. */
  public JoinOptions inNamespace(String other) {
    return new JoinOptions(
        config, other, inventory, machines, attestations, publishedKeys, parallel, lookAgain);
  }

  /** The same with other durations. */
  public JoinOptions withConfig(JoinConfig other) {
    return new JoinOptions(
        other, namespace, inventory, machines, attestations, publishedKeys, parallel, lookAgain);
  }

  /** The same with an inventory. */
  public JoinOptions withInventory(Function<String, Fact<Boolean>> other) {
    return new JoinOptions(
        config, namespace, other, machines, attestations, publishedKeys, parallel, lookAgain);
  }

  /** The same with ways for machines to prove themselves. */
  public JoinOptions withAttestations(List<? extends Attestation> others) {
    return new JoinOptions(
        config,
        namespace,
        inventory,
        machines,
        List.copyOf(others),
        publishedKeys,
        parallel,
        lookAgain);
  }

  /** The same with a way to the Machines that ServiceAccounts join. */
  public JoinOptions withMachines(Function<InventorySource.Machines, Fact<List<Machine>>> other) {
    return new JoinOptions(
        config, namespace, inventory, other, attestations, publishedKeys, parallel, lookAgain);
  }

  /** The same with a way to the keys that issuers publish. */
  public JoinOptions withPublishedKeys(PublishedKeys other) {
    return new JoinOptions(
        config, namespace, inventory, machines, attestations, other, parallel, lookAgain);
  }
}
