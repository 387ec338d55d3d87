package dev.countersign.cluster.node;

import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.csr.CsrContents;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.token.JoinRecords;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.request.NameAttribute;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;

/**
 * Deletes a Node and revokes what can be revoked. A certificate that is issued cannot: it stays
 * valid until it ends, but with the name revoked it is not renewed under strict join.
 */
public final class NodeDeletion {
  private final KubernetesClient client;
  private final TokenStore tokens;
  private final JoinRecords records;
  private final AddressRecords addresses;
  private final InstantSource clock;

  /** Deletions in one cluster. */
  public NodeDeletion(
      KubernetesClient client,
      TokenStore tokens,
      JoinRecords records,
      AddressRecords addresses,
      InstantSource clock) {
    this.client = Objects.requireNonNull(client, "client");
    this.tokens = Objects.requireNonNull(tokens, "tokens");
    this.records = Objects.requireNonNull(records, "records");
    this.addresses = Objects.requireNonNull(addresses, "addresses");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /**
   * What was taken away.
   *
   * @param node whether there was a Node
   * @param revoked whether the name is marked as revoked; not where strict join was never used, nor
   *     where nothing tells of such a node
   * @param tokens tokens that were bound to this node only
   * @param requests names of its pending requests
   * @param addresses its names and addresses
   */
  public record Result(
      boolean node,
      boolean revoked,
      List<TokenId> tokens,
      List<String> requests,
      AddressRecords.Released addresses) {
    public Result {
      tokens = List.copyOf(tokens);
      requests = List.copyOf(requests);
    }
  }

  /**
   * Deletes. First what would let it come back (tokens, renewals), then the Node, whose addresses
   * are free for others from then on, then its pending requests and the records of its addresses.
   * Of a name that nothing in the cluster tells of, nothing is written: it may be mistyped.
   *
   * @param dryRun to look at what would be taken away
   */
  public Result delete(String name, boolean dryRun) {
    List<TokenId> bound = tokens.boundTo(name);
    List<CertificateSigningRequest> sent =
        client.certificates().v1().certificateSigningRequests().list().getItems().stream()
            .filter(csr -> isOf(csr, name))
            .toList();
    boolean there = client.nodes().withName(name).get() != null;
    boolean known =
        there
            || !bound.isEmpty()
            || !sent.isEmpty()
            || records.hasRecord(name)
            || addresses.ownsAny(name);
    if (!known) {
      return new Result(false, false, List.of(), List.of(), AddressRecords.Released.nothing());
    }
    List<CertificateSigningRequest> pending =
        sent.stream().filter(csr -> RequestState.of(csr) == RequestState.PENDING).toList();
    List<String> requests = pending.stream().map(csr -> csr.getMetadata().getName()).toList();
    if (dryRun) {
      return new Result(
          there, records.areKept(), bound, requests, addresses.releaseAllOf(name, true));
    }
    bound.forEach(tokens::delete);
    boolean revoked = records.revoke(name, clock.instant());
    boolean node = !client.nodes().withName(name).delete().isEmpty();
    for (CertificateSigningRequest csr : pending) {
      client.certificates().v1().certificateSigningRequests().resource(csr).delete();
    }
    return new Result(node, revoked, bound, requests, addresses.releaseAllOf(name, false));
  }

  private static boolean isOf(CertificateSigningRequest csr, String name) {
    String user = NodeName.USER_PREFIX + name;
    String signer = csr.getSpec().getSignerName();
    if (!signer.equals(SignerName.KUBELET_SERVING.text())
        && !signer.equals(SignerName.KUBELET_CLIENT.text())) {
      return false;
    }
    if (user.equals(csr.getSpec().getUsername())) {
      return true;
    }
    return CsrContents.request(csr)
        .filter(request -> request.subject().values(NameAttribute.COMMON_NAME).contains(user))
        .isPresent();
  }
}
