package dev.countersign.cli.csr;

import dev.countersign.approver.lookup.InventoryReader;
import dev.countersign.approver.lookup.KubeletAuthorities;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.approver.lookup.ServedCertificates;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.request.CsrView;
import dev.countersign.x509.authority.ChainVerdict;
import dev.countersign.x509.authority.ChainVerifier;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Looks up the facts that cost a call, with the approver's code, but as whoever runs the command
 * and from where it runs: files of inventories, DNS servers and the way to the kubelets are those
 * of this machine.
 */
final class FactCalls implements AutoCloseable {
  private static final Duration DIALED_FOR = Duration.ofSeconds(3);

  private final ClusterAccess cluster;
  private final PolicyConfig config;
  private final InventoryReader inventories;
  private final NameResolver resolver = NameResolver.ofSystem();
  private final ServedCertificates served;

  FactCalls(ClusterAccess cluster, PolicyConfig config) {
    this.cluster = cluster;
    this.config = config;
    OperatorSource source = new OperatorSource(cluster);
    this.inventories = new InventoryReader(source, InstantSource.system());
    this.served =
        new ServedCertificates(
            new KubeletAuthorities(source, this::verify, InstantSource.system()), DIALED_FOR);
  }

  /** The Machines that ServiceAccounts join. */
  Fact<List<Machine>> machines(InventorySource.Machines source) {
    return inventories.machines(source);
  }

  /** The facts with one more; unchanged where it is not for this class to look up. */
  Facts lookUp(FactKind kind, Facts facts, CsrView csr, Preflight.Open open) {
    return switch (kind) {
      case ACCESS ->
          config
              .access()
              .map(attributes -> facts.withAccess(review(csr.requestor(), attributes)))
              .orElse(facts);
      case INVENTORY ->
          config
              .inventory()
              .map(inventory -> facts.withInventory(inventories.ask(inventory, open.node())))
              .orElse(facts);
      case RESOLUTION ->
          facts.withResolution(
              resolver.resolve(
                  open.dnsNames(),
                  config.searchList(resolver.searchDomains()),
                  config.names().resolutionTimeout()));
      case SERVED ->
          facts.withServed(
              served.look(
                  open.node(),
                  open.claims(),
                  facts,
                  config.renewal().kubeletPort(),
                  config.renewal().authority()));
      case NODE, PROTECTED, HOLDINGS, PENDING -> facts;
      case GRANT, CLAIM, PRESENCE, LISTED, ATTESTATION, MACHINES -> facts;
    };
  }

  private void verify(X509Certificate[] chain) throws IOException {
    if (cluster.authorities().isEmpty()) {
      throw new IOException("the kubeconfig names no certificate authority of the cluster");
    }
    List<Certificate> certificates = Arrays.stream(chain).map(Certificate::of).toList();
    if (ChainVerifier.trusting(cluster.authorities())
            .verify(certificates, ExtendedKeyUsage.SERVER_AUTH, InstantSource.system().instant())
        instanceof ChainVerdict.Untrusted(String why)) {
      throw new IOException(why);
    }
  }

  @Override
  public void close() {
    inventories.close();
  }

  /** Whether a requestor may do something. */
  Fact<AccessReview> review(CsrView.Requestor requestor, AccessAttributes attributes) {
    SubjectAccessReview review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(requestor.username())
            .withUid(requestor.uid().isEmpty() ? null : requestor.uid())
            .withGroups(requestor.groups())
            .withExtra(requestor.extra())
            .withNewResourceAttributes()
            .withVerb(attributes.verb())
            .withGroup(attributes.group())
            .withResource(attributes.resource())
            .withSubresource(attributes.subresource().orElse(null))
            .endResourceAttributes()
            .endSpec()
            .build();
    try {
      SubjectAccessReviewStatus status =
          cluster.client().authorization().v1().subjectAccessReview().create(review).getStatus();
      boolean allowed =
          Boolean.TRUE.equals(status.getAllowed()) && !Boolean.TRUE.equals(status.getDenied());
      return Fact.known(
          allowed
              ? new AccessReview.Allowed()
              : new AccessReview.Refused(Objects.requireNonNullElse(status.getReason(), "")));
    } catch (KubernetesClientException e) {
      return Fact.unknown("SubjectAccessReview: " + e.getCode());
    }
  }
}
