package dev.countersign.cli.csr;

import dev.countersign.approver.facts.ApiLookUps;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.gather.ServingLookUps;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.request.CsrSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The approver's look-ups from an operator's machine, with the policy's files as they are here.
 * Thread-safe.
 */
final class OperatorLookUps implements ServingLookUps, AutoCloseable {
  private final ApiLookUps calls;
  private final PolicyFiles files;

  OperatorLookUps(ApiLookUps calls, PolicyFiles files) {
    this.calls = calls;
    this.files = files;
  }

  @Override
  public Fact<AccessReview> access(CsrSpec.Requestor requestor, AccessAttributes attributes) {
    return calls.access(requestor, attributes);
  }

  @Override
  public Map<String, Fact<Optional<InventoryEntry>>> inventory(Inventory inventory, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = new HashMap<>();
    for (InventorySource source : inventory.sources()) {
      answers.put(
          source.name(), files.here(source).then(here -> calls.inventories().ask(here, node)));
    }
    return answers;
  }

  @Override
  public Fact<Map<DnsName, Resolution>> resolution(Set<DnsName> names, PolicyConfig config) {
    return calls.resolution(names, config);
  }

  @Override
  public Fact<Optional<ServedCertificate>> served(
      Preflight.Open open, Facts facts, Renewal renewal) {
    return switch (files.here(renewal.authority())) {
      case Fact.Known<KubeletAuthority>(KubeletAuthority here) ->
          calls.served(
              open,
              facts,
              new Renewal(
                  renewal.onChange(), renewal.resolveContested(), renewal.kubeletPort(), here));
      case Fact.Unknown<KubeletAuthority>(String why) ->
          Fact.unknown("authorities of kubelets: " + why);
    };
  }

  /** The Machines that ServiceAccounts join. */
  Fact<List<Machine>> machines(InventorySource.Machines source) {
    return files.here(source).then(calls.inventories()::machines);
  }

  /** Why files that the policy names are not here. */
  List<String> missingFiles() {
    return files.missing();
  }

  @Override
  public void close() {
    calls.close();
    files.close();
  }
}
