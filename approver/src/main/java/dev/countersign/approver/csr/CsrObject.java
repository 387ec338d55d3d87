package dev.countersign.approver.csr;

import dev.countersign.kube.KeptMetadata;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.Bytes;
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
 */
public record CsrObject(
    String uid,
    String resourceVersion,
    CsrView view,
    List<Condition> conditions,
    Bytes certificate,
    KeptMetadata kept)
    implements Versioned {
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

  /** Checks that nothing is missing. */
  public CsrObject {
    Objects.requireNonNull(uid);
    Objects.requireNonNull(resourceVersion);
    Objects.requireNonNull(view);
    conditions = List.copyOf(conditions);
    Objects.requireNonNull(certificate);
    Objects.requireNonNull(kept);
  }

  /** {@code metadata.name}. */
  public String name() {
    return view.name();
  }

  /** Who asks, as the API server authenticated them. */
  public String requestor() {
    return view.requestor().username();
  }

  /** Whether it is still to be decided, and for our signer. */
  public boolean pending() {
    return view.signer().equals(SignerName.KUBELET_SERVING)
        && !view.issued()
        && !view.conditions().contains(CsrView.APPROVED)
        && !view.conditions().contains(CsrView.DENIED)
        && !view.conditions().contains(CsrView.FAILED);
  }

  /** Reads one from a list, a watch or a get. */
  public static ObjectDecoder<CsrObject> decoder() {
    return decoder(uid -> false);
  }

  /**
   * Reads one.
   *
   * @param metadataSuffices whether the rest of the request with that uid, which Kubernetes writes
   *     after the metadata, is left out; what comes of that is not {@link #pending}. Asked once, so
   *     that never a part of the rest is read
   */
  public static ObjectDecoder<CsrObject> decoder(Predicate<String> metadataSuffices) {
    return ObjectDecoder.of(
        parser -> new CsrFields(metadataSuffices).read(parser),
        in -> new CsrFields(metadataSuffices).read(in));
  }
}
