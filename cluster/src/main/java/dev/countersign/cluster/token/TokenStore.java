package dev.countersign.cluster.token;

import dev.countersign.cluster.csr.CsrContents;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.Join;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.SignerName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** The bootstrap tokens of a cluster: Secrets in {@code kube-system} and their join grants. */
public final class TokenStore {
  private final KubernetesClient client;
  private final JoinRecords records;
  private final SecureRandom random;
  private final InstantSource clock;

  /** Tokens of the cluster that {@code client} talks to. */
  public TokenStore(
      KubernetesClient client, JoinRecords records, SecureRandom random, InstantSource clock) {
    this.client = Objects.requireNonNull(client, "client");
    this.records = Objects.requireNonNull(records, "records");
    this.random = Objects.requireNonNull(random, "random");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /**
   * What strict join is to allow a new token.
   *
   * @param nodes at least one
   * @param uses empty for no limit
   * @param notBefore when its window opens; empty for now
   * @param rejoin whether it may replace a live node
   * @param inventoryRequired whether the name must be in the inventory
   * @param attestationRequired whether the machine must prove itself
   */
  public record Binding(
      List<NodePattern> nodes,
      OptionalInt uses,
      Optional<Instant> notBefore,
      boolean rejoin,
      boolean inventoryRequired,
      boolean attestationRequired) {
    public Binding {
      nodes = List.copyOf(nodes);
    }

    BootstrapTokenGrant grant(TokenId id, Optional<Instant> notAfter) {
      return new BootstrapTokenGrant(
          id,
          nodes,
          uses,
          notBefore,
          notAfter,
          rejoin,
          inventoryRequired,
          attestationRequired,
          List.of());
    }
  }

  /**
   * Creates a token. Its grant is written before its Secret, so that it never works without its
   * bounds.
   *
   * @return the token, whose secret is not to be had again
   * @throws KubernetesClientException where the API server refuses
   */
  public BootstrapToken create(TokenSpec spec, Optional<Binding> binding) {
    for (int attempt = 1; ; attempt++) {
      BootstrapToken token = BootstrapToken.generate(random);
      try {
        write(token, spec, binding.map(bound -> bound.grant(token.id(), spec.expiration())));
        return token;
      } catch (KubernetesClientException e) {
        // 36^6 ids: a collision is rare, five in a row are something else
        if (e.getCode() != 409 || attempt == 5) {
          throw e;
        }
      }
    }
  }

  private void write(BootstrapToken token, TokenSpec spec, Optional<BootstrapTokenGrant> grant) {
    grant.ifPresent(records::create);
    try {
      client
          .secrets()
          .inNamespace(TokenSecrets.NAMESPACE)
          .resource(TokenSecrets.toSecret(token, spec))
          .create();
    } catch (KubernetesClientException e) {
      if (grant.isPresent()) {
        records.delete(token.id());
      }
      throw e;
    }
  }

  /** The tokens, by the name of their Secret, with the uses that are still visible. */
  public List<TokenReport> list() {
    return list(clientRequests());
  }

  /**
   * Does the same for whoever has read the requests already.
   *
   * @param all requests of any signer
   */
  public List<TokenReport> list(List<CertificateSigningRequest> all) {
    Map<TokenId, BootstrapTokenGrant> grants = records.grants();
    Map<TokenId, List<TokenReport.Use>> requests = uses(all);
    Map<String, TokenReport> reports = new TreeMap<>();
    for (Secret secret : secrets()) {
      TokenSecrets.Described described = TokenSecrets.describe(secret);
      reports.put(
          described.secretName(),
          switch (described) {
            case TokenSecrets.Described.Unusable unusable ->
                new TokenReport(unusable, Optional.empty(), List.of());
            case TokenSecrets.Described.Token(TokenId id, TokenSpec _) -> {
              Optional<BootstrapTokenGrant> grant = Optional.ofNullable(grants.get(id));
              yield new TokenReport(
                  described, grant, uses(requests.getOrDefault(id, List.of()), grant));
            }
          });
    }
    return List.copyOf(reports.values());
  }

  private List<Secret> secrets() {
    return client
        .secrets()
        .inNamespace(TokenSecrets.NAMESPACE)
        .withField("type", TokenSecrets.TYPE)
        .list()
        .getItems();
  }

  private static List<TokenReport.Use> uses(
      List<TokenReport.Use> requests, Optional<BootstrapTokenGrant> grant) {
    List<TokenReport.Use> all = new ArrayList<>(requests);
    Set<String> seen = new HashSet<>();
    for (TokenReport.Use use : requests) {
      if (!use.isDenied()) {
        seen.add(use.node());
      }
    }
    for (Join join : grant.map(BootstrapTokenGrant::joins).orElse(List.of())) {
      if (!seen.contains(join.node())) {
        all.add(new TokenReport.Use(join.node(), Optional.empty(), join.at(), Optional.empty()));
      }
    }
    all.sort(Comparator.comparing(TokenReport.Use::at).thenComparing(TokenReport.Use::node));
    return all;
  }

  private static Map<TokenId, List<TokenReport.Use>> uses(
      List<CertificateSigningRequest> requests) {
    Map<TokenId, List<TokenReport.Use>> uses = new HashMap<>();
    for (CertificateSigningRequest csr : requests) {
      TokenId.ofUser(Objects.requireNonNullElse(csr.getSpec().getUsername(), ""))
          .filter(_ -> SignerName.KUBELET_CLIENT.text().equals(csr.getSpec().getSignerName()))
          .ifPresent(
              id ->
                  uses.computeIfAbsent(id, _ -> new ArrayList<>())
                      .add(
                          new TokenReport.Use(
                              nodeOf(csr),
                              Optional.of(csr.getMetadata().getName()),
                              OffsetDateTime.parse(csr.getMetadata().getCreationTimestamp())
                                  .toInstant(),
                              Optional.of(RequestState.of(csr)))));
    }
    return uses;
  }

  private List<CertificateSigningRequest> clientRequests() {
    return client
        .certificates()
        .v1()
        .certificateSigningRequests()
        .withField("spec.signerName", SignerName.KUBELET_CLIENT.text())
        .list()
        .getItems();
  }

  private static String nodeOf(CertificateSigningRequest csr) {
    return CsrContents.request(csr)
        .flatMap(request -> CsrContents.commonName(request.subject()))
        .map(name -> SafeText.plain(CsrContents.nodeOf(name).orElse(name)))
        .orElse("?");
  }

  /** What came of a rotation. */
  public sealed interface Rotation {
    /**
     * There is a new token beside the old one.
     *
     * @param token the new one, whose secret is not to be had again
     * @param spec what it is
     */
    record Prepared(BootstrapToken token, TokenSpec spec) implements Rotation {}

    /** There is no such token. */
    record NoSuchToken(TokenId id) implements Rotation {}

    /** The Secret is there but is no token that could be continued. */
    record Unusable(TokenSecrets.Described.Unusable secret) implements Rotation {}
  }

  /**
   * First half of a rotation: a new token with the old one's usages, groups, description and join
   * conditions. The old one keeps working until {@link #retire}, so that a failure to write the new
   * kubeconfig locks nobody out.
   *
   * @param lifetime of the new token from now
   */
  public Rotation rotate(TokenId old, Duration lifetime) {
    Secret secret =
        client.secrets().inNamespace(TokenSecrets.NAMESPACE).withName(old.secretName()).get();
    if (secret == null) {
      return new Rotation.NoSuchToken(old);
    }
    return switch (TokenSecrets.describe(secret)) {
      case TokenSecrets.Described.Unusable unusable -> new Rotation.Unusable(unusable);
      case TokenSecrets.Described.Token(TokenId id, TokenSpec spec) -> {
        TokenSpec next = spec.expiringAt(clock.instant().plus(lifetime));
        Optional<BootstrapTokenGrant> grant = records.grant(id);
        BootstrapToken token = BootstrapToken.generate(random);
        write(token, next, grant.map(g -> g.renewedFor(token.id(), next.expiration())));
        yield new Rotation.Prepared(token, next);
      }
    };
  }

  /**
   * Second half of a rotation: the old token ends after {@code grace}, or now. The end is written
   * into its Secret, so the API server keeps to it and {@code tokencleaner} deletes it, whatever
   * becomes of this process. An earlier end stays.
   *
   * @return when it ends
   */
  public Instant retire(TokenId old, Duration grace) {
    Instant now = clock.instant();
    if (!grace.isPositive()) {
      delete(old);
      return now;
    }
    Instant end = now.plus(grace);
    Secret secret =
        client.secrets().inNamespace(TokenSecrets.NAMESPACE).withName(old.secretName()).get();
    if (secret == null) {
      return now;
    }
    Optional<Instant> present =
        TokenSecrets.decoded(secret, "expiration").map(TokenSecrets::rfc3339);
    if (present.isPresent() && present.get().isBefore(end)) {
      return present.get();
    }
    Instant whole = end.truncatedTo(ChronoUnit.SECONDS);
    Map<String, String> data = new LinkedHashMap<>(secret.getData());
    data.put("expiration", TokenSecrets.encoded(whole.toString()));
    client
        .secrets()
        .inNamespace(TokenSecrets.NAMESPACE)
        .resource(new SecretBuilder(secret).withData(data).build())
        .update();
    Optional<ConfigMap> record = records.record(old);
    if (record.isPresent()) {
      BootstrapTokenGrant grant = BootstrapTokenGrant.fromData(record.get().getData());
      records.replace(
          record.get(),
          new BootstrapTokenGrant(
              grant.token(),
              grant.nodes(),
              grant.uses(),
              grant.notBefore().filter(whole::isAfter),
              Optional.of(whole),
              grant.rejoin(),
              grant.inventoryRequired(),
              grant.attestationRequired(),
              grant.joins()));
    }
    return whole;
  }

  /**
   * What a deletion took away.
   *
   * @param secret whether there was a Secret
   * @param grant whether there was a grant
   * @param requests names of the pending requests that were deleted, for they cannot be approved
   */
  public record Deletion(boolean secret, boolean grant, List<String> requests) {
    public Deletion {
      requests = List.copyOf(requests);
    }
  }

  /**
   * Deletes a token, its grant, and the pending requests that were made with it. The Secret goes
   * first: from then on the API server refuses the token.
   */
  public Deletion delete(TokenId id) {
    boolean secret =
        !client
            .secrets()
            .inNamespace(TokenSecrets.NAMESPACE)
            .withName(id.secretName())
            .delete()
            .isEmpty();
    boolean grant = records.delete(id);
    List<String> deleted = new ArrayList<>();
    for (CertificateSigningRequest csr : clientRequests()) {
      if (id.user().equals(csr.getSpec().getUsername())
          && RequestState.of(csr) == RequestState.PENDING) {
        client.certificates().v1().certificateSigningRequests().resource(csr).delete();
        deleted.add(csr.getMetadata().getName());
      }
    }
    return new Deletion(secret, grant, deleted);
  }

  /** Ids of the tokens whose grant names exactly this node and no other. */
  public List<TokenId> boundTo(String node) {
    return records.grants().values().stream()
        .filter(
            grant ->
                grant.nodes().size() == 1
                    && grant.nodes().getFirst().isExact()
                    && grant.nodes().getFirst().text().equals(node))
        .map(BootstrapTokenGrant::token)
        .toList();
  }
}
