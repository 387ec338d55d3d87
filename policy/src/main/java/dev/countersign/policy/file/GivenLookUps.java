package dev.countersign.policy.file;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.gather.ServingLookUps;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.x509.certificate.Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The answers that files give in place of those who would be asked. Immutable. */
final class GivenLookUps implements ServingLookUps {
  private final Map<String, AccessReview> reviews;
  private final Optional<InventoryDocument> inventory;
  private final Optional<Map<DnsName, Resolution>> resolution;
  private final Optional<ShownCertificate> shown;

  GivenLookUps(ClusterObjectReader read) {
    reviews = Map.copyOf(read.reviews);
    inventory = read.inventory;
    resolution = read.resolution.map(Map::copyOf);
    shown = read.shown;
  }

  /** Whatever the right: a file holds the review that the policy asks for. */
  @Override
  public Fact<AccessReview> access(CsrSpec.Requestor requestor, AccessAttributes attributes) {
    AccessReview review = reviews.get(requestor.username());
    return review == null
        ? Fact.unknown("no SubjectAccessReview among the files")
        : Fact.known(review);
  }

  /** One document stands for every source. */
  @Override
  public Map<String, Fact<Optional<InventoryEntry>>> inventory(Inventory asked, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = new HashMap<>();
    for (InventorySource source : asked.sources()) {
      answers.put(
          source.name(),
          inventory
              .map(document -> Fact.known(document.entry(node)))
              .orElseGet(() -> Fact.unknown("no Inventory among the files")));
    }
    return answers;
  }

  @Override
  public Fact<Map<DnsName, Resolution>> resolution(Set<DnsName> names, PolicyConfig config) {
    if (resolution.isEmpty()) {
      return Fact.unknown("no Resolution among the files");
    }
    SearchList search = config.searchList(List.of());
    Map<DnsName, Resolution> resolved = new HashMap<>();
    for (DnsName name : names) {
      resolved.put(
          name,
          search.candidates(name).stream()
              .map(resolution.get()::get)
              .filter(Resolution.Addresses.class::isInstance)
              .findFirst()
              .orElseGet(Resolution.None::new));
    }
    return Fact.known(resolved);
  }

  /** The certificate that was given as the one served now; not its issuer is looked at. */
  @Override
  public Fact<Optional<ServedCertificate>> served(
      Preflight.Open open, Facts facts, Renewal renewal) {
    if (shown.isEmpty()) {
      return Fact.unknown("not among the files; --served FILE gives it");
    }
    if (!shown.get().pem().contains("-----BEGIN")) {
      return Fact.known(Optional.empty());
    }
    return switch (Certificate.parseChain(shown.get().pem())) {
      case ParseResult.Parsed<List<Certificate>>(List<Certificate> chain) ->
          Fact.known(served(shown.get(), chain.getFirst(), open, facts));
      case ParseResult.Refused<List<Certificate>> refused ->
          Fact.unknown("the certificate that was given cannot be read: " + refused.message());
    };
  }

  private static Optional<ServedCertificate> served(
      ShownCertificate shown, Certificate certificate, Preflight.Open open, Facts facts) {
    return shown
        .address()
        .map(List::of)
        .orElseGet(() -> ServedCertificate.places(open.claims(), facts))
        .stream()
        .flatMap(place -> ServedCertificate.of(open.node(), place, certificate).stream())
        .findFirst();
  }
}
