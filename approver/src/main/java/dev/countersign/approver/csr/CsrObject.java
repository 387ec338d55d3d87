package dev.countersign.approver.csr;

import dev.countersign.common.Bytes;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.PreservedMetadata;
import dev.countersign.kube.proto.CertificateSigningRequest;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A CertificateSigningRequest (certificates.k8s.io/v1) as read from the API.
 *
 * @param uid {@code metadata.uid}
 * @param resourceVersion {@code metadata.resourceVersion}
 * @param view what the policy judges
 * @param conditions {@code status.conditions}, to be kept when ours is added
 * @param certificate {@code status.certificate}, PEM; empty where none is issued
 * @param kept what others wrote into its metadata
 * @param extent how much of the request this is
 */
public record CsrObject(
    String uid,
    String resourceVersion,
    CsrSpec view,
    List<Condition> conditions,
    Bytes certificate,
    PreservedMetadata kept,
    Extent extent)
    implements Versioned {
  /** How much of a request an object is. */
  public enum Extent {
    /** Everything that is evaluated, and that a verdict has to keep. */
    WHOLE,
    /**
     * Without {@code spec.request}, usages, extra and what others wrote into its metadata. Whoever
     * makes a request chooses their size, up to the 1.5 MB that etcd takes, and 110 such requests
     * would be all the memory there is. To be read again before it is decided on.
     */
    OUTLINE
  }

  /**
   * One of {@code status.conditions}. When it changed its status ({@code lastTransitionTime}) the
   * server knows, and fills it in again.
   *
   * @param lastUpdateTime when it was written, where that is said
   */
  public record Condition(
      String type,
      String status,
      String reason,
      String message,
      Optional<Instant> lastUpdateTime) {}

  /** The path of all of them. */
  public static final String COLLECTION =
      ApiQuery.path("apis", "certificates.k8s.io", "v1", "certificatesigningrequests");

  /** In bytes. A kubelet's own are of 1 to 2 KB, and of 7 with evidence that it is who it says. */
  private static final int MOST_KEPT = 8 * 1024;

  /** Checks that nothing is missing. */
  public CsrObject {
    Objects.requireNonNull(uid);
    Objects.requireNonNull(resourceVersion);
    Objects.requireNonNull(view);
    conditions = List.copyOf(conditions);
    Objects.requireNonNull(certificate);
    Objects.requireNonNull(kept);
    Objects.requireNonNull(extent);
  }

  /** The path of the one of that name. */
  public static String path(String name) {
    return COLLECTION + ApiQuery.path(name);
  }

  /** {@code metadata.name}. */
  public String name() {
    return view.name();
  }

  /** Who asks, as the API server authenticated them. */
  public String requestor() {
    return view.requestor().username();
  }

  /** Whether it is for that signer, and still to be decided. */
  public boolean pendingFor(SignerName signer) {
    return view.signer().equals(signer) && view.isPending();
  }

  /** Reads one as a whole, whatever its size. */
  public static ObjectDecoder<CsrObject> decoder() {
    return decoder(uid -> false, Integer.MAX_VALUE);
  }

  /** Reads one that is to be kept: in outline where it is larger than an honest one. */
  public static ObjectDecoder<CsrObject> keptDecoder() {
    return keptDecoder(uid -> false);
  }

  /**
   * Reads one that is to be kept.
   *
   * @param metadataSuffices whether the rest of the request with that uid is left out; what comes
   *     of that is not {@link #pendingFor} anyone. Asked once for each
   */
  public static ObjectDecoder<CsrObject> keptDecoder(Predicate<String> metadataSuffices) {
    return decoder(metadataSuffices, MOST_KEPT);
  }

  private static ObjectDecoder<CsrObject> decoder(Predicate<String> metadataSuffices, int most) {
    return ObjectDecoder.ofProtobuf(
        CertificateSigningRequest.parser(), new CsrDecoder(metadataSuffices, most));
  }
}
