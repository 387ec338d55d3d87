package dev.countersign.policy.request;

import dev.countersign.common.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A CertificateSigningRequest (certificates.k8s.io/v1), read only.
 *
 * @param name {@code metadata.name}
 * @param uid {@code metadata.uid}
 * @param signer {@code spec.signerName}
 * @param requestor who created it, as the API server authenticated them
 * @param usages {@code spec.usages}, in order
 * @param expiration {@code spec.expirationSeconds}, whole seconds, possibly not positive
 * @param created {@code metadata.creationTimestamp}
 * @param request {@code spec.request} after base64: the PEM text
 * @param conditions {@code status.conditions[].type} of those whose status is True
 * @param issued whether {@code status.certificate} is set
 * @param deleting whether {@code metadata.deletionTimestamp} is set
 */
public record CsrSpec(
    String name,
    String uid,
    SignerName signer,
    Requestor requestor,
    List<String> usages,
    Optional<Duration> expiration,
    Instant created,
    Bytes request,
    List<String> conditions,
    boolean issued,
    boolean deleting) {

  /** {@code status.conditions[].type} of an approval. */
  public static final String APPROVED = "Approved";

  /** {@code status.conditions[].type} of a denial. */
  public static final String DENIED = "Denied";

  /** {@code status.conditions[].type} of a request that the signer gave up on. */
  public static final String FAILED = "Failed";

  /** By age, and where that is the same by name. */
  public static final Comparator<CsrSpec> OLDEST_FIRST =
      Comparator.comparing(CsrSpec::created).thenComparing(CsrSpec::name);

  public CsrSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(signer, "signer");
    Objects.requireNonNull(requestor, "requestor");
    usages = List.copyOf(usages);
    Objects.requireNonNull(expiration, "expiration");
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(request, "request");
    conditions = List.copyOf(conditions);
  }

  /**
   * Whether nobody has approved, denied or deleted it yet, and the signer has not given up on it.
   */
  public boolean isPending() {
    return !issued
        && !deleting
        && !conditions.contains(APPROVED)
        && !conditions.contains(DENIED)
        && !conditions.contains(FAILED);
  }

  /** The same as it was before anybody approved, denied, issued or deleted it. */
  public CsrSpec undecided() {
    return new CsrSpec(
        name,
        uid,
        signer,
        requestor,
        usages,
        expiration,
        created,
        request,
        List.of(),
        false,
        false);
  }

  /**
   * Who created the request. Set by the API server and immutable.
   *
   * @param username {@code spec.username}
   * @param uid {@code spec.uid}; empty for certificate users
   * @param groups {@code spec.groups}, in order
   * @param extra {@code spec.extra}
   */
  public record Requestor(
      String username, String uid, List<String> groups, Map<String, List<String>> extra) {
    public Requestor {
      Objects.requireNonNull(username, "username");
      Objects.requireNonNull(uid, "uid");
      groups = List.copyOf(groups);
      extra = Map.copyOf(extra);
    }

    /** A requestor without uid and extra, as kubelets are. */
    public static Requestor of(String username, List<String> groups) {
      return new Requestor(username, "", groups, Map.of());
    }
  }
}
