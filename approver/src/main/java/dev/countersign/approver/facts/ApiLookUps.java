package dev.countersign.approver.facts;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.approver.lookup.InventoryReader;
import dev.countersign.approver.lookup.KubeletAuthorities;
import dev.countersign.approver.lookup.KubeletCertificateProbe;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.gather.ServingLookUps;
import dev.countersign.policy.request.CsrSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the API server, inventories, DNS and kubelets, as whoever runs this program and from where
 * it runs. Thread-safe.
 */
public final class ApiLookUps implements ServingLookUps, AutoCloseable {
  private static final Duration DIALED_FOR = Duration.ofSeconds(3);

  /** Told of each answer. */
  @FunctionalInterface
  public interface Observer {
    /** Takes no notice. */
    Observer NONE = (kind, known) -> {};

    /** Something was looked up, with an answer or in vain. */
    void lookedUp(FactKind kind, boolean known);
  }

  private final AccessReviewer reviewer;
  private final InventoryReader inventories;
  private final NameResolver resolver;
  private final KubeletCertificateProbe served;
  private final Observer observer;

  /**
   * Look-ups by a client.
   *
   * @param ofApiServer trusts what the API server is verified with
   */
  public ApiLookUps(
      ApiClient client,
      KubeletCertificateProbe.ChainVerifier ofApiServer,
      NameResolver resolver,
      InstantSource clock,
      Observer observer) {
    ClusterSource cluster = ClusterSource.of(client);
    this.reviewer = new AccessReviewer(client);
    this.inventories = new InventoryReader(cluster, clock);
    this.resolver = resolver;
    this.served =
        new KubeletCertificateProbe(
            new KubeletAuthorities(cluster, ofApiServer, clock), DIALED_FOR);
    this.observer = observer;
  }

  /** What reads inventories. */
  public InventoryReader inventories() {
    return inventories;
  }

  @Override
  public Fact<AccessReview> access(CsrSpec.Requestor requestor, AccessAttributes attributes) {
    return observed(FactKind.ACCESS, reviewer.review(requestor, attributes));
  }

  @Override
  public Map<String, Fact<Optional<InventoryEntry>>> inventory(Inventory inventory, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = inventories.ask(inventory, node);
    answers.values().forEach(answer -> observed(FactKind.INVENTORY, answer));
    return answers;
  }

  @Override
  public Fact<Map<DnsName, Resolution>> resolution(Set<DnsName> names, PolicyConfig config) {
    return observed(
        FactKind.RESOLUTION,
        resolver.resolve(
            names,
            config.searchList(resolver.searchDomains()),
            config.names().resolutionTimeout()));
  }

  @Override
  public Fact<Optional<ServedCertificate>> served(
      Preflight.Open open, Facts facts, Renewal renewal) {
    return observed(
        FactKind.SERVED,
        served.look(open.node(), open.claims(), facts, renewal.kubeletPort(), renewal.authority()));
  }

  private <T> Fact<T> observed(FactKind kind, Fact<T> fact) {
    observer.lookedUp(kind, fact.isKnown());
    return fact;
  }

  @Override
  public void close() {
    inventories.close();
  }
}
