package dev.countersign.approver.csr;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.common.Bytes;
import dev.countersign.kube.ObjectDecoder.ProtobufDecoder;
import dev.countersign.kube.PreservedMetadata;
import dev.countersign.kube.proto.CertificateSigningRequest;
import dev.countersign.kube.proto.CertificateSigningRequestCondition;
import dev.countersign.kube.proto.CertificateSigningRequestSpec;
import dev.countersign.kube.proto.CertificateSigningRequestStatus;
import dev.countersign.kube.proto.ExtraValue;
import dev.countersign.kube.proto.ObjectMeta;
import dev.countersign.kube.proto.Times;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads CertificateSigningRequests.
 *
 * @param metadataSuffices whether the rest of the request with that uid is left out
 * @param most how large one may be, in bytes; what is larger is read in outline
 */
record CsrDecoder(Predicate<String> metadataSuffices, int most)
    implements ProtobufDecoder<CertificateSigningRequest, CsrObject> {
  private static final List<String> KUBELET_GROUPS =
      List.of("system:nodes", "system:authenticated");

  @Override
  public CsrObject decode(CertificateSigningRequest csr) throws InvalidProtocolBufferException {
    ObjectMeta metadata = csr.getMetadata();
    if (metadataSuffices.test(metadata.getUid())) {
      return object(
          metadata,
          CertificateSigningRequestSpec.getDefaultInstance(),
          CertificateSigningRequestStatus.getDefaultInstance(),
          Optional.empty());
    }
    CertificateSigningRequestSpec spec = csr.getSpec();
    PreservedMetadata kept = PreservedMetadata.of(metadata);
    boolean whole = size(spec) + kept.fields().size() <= most;
    return object(metadata, spec, csr.getStatus(), whole ? Optional.of(kept) : Optional.empty());
  }

  /** Of what its maker chooses, in bytes. */
  private static long size(CertificateSigningRequestSpec spec) {
    long size = spec.getRequest().size();
    for (String usage : spec.getUsagesList()) {
      size += usage.length();
    }
    for (Map.Entry<String, ExtraValue> entry : spec.getExtraMap().entrySet()) {
      size += entry.getKey().length();
      for (String value : entry.getValue().getItemsList()) {
        size += value.length();
      }
    }
    return size;
  }

  /** A whole one where there is what to keep of its metadata; else its outline. */
  private static CsrObject object(
      ObjectMeta metadata,
      CertificateSigningRequestSpec spec,
      CertificateSigningRequestStatus status,
      Optional<PreservedMetadata> kept)
      throws InvalidProtocolBufferException {
    boolean whole = kept.isPresent();
    List<CsrObject.Condition> conditions = new ArrayList<>(status.getConditionsCount());
    // certificates.k8s.io/v1 allows a condition of these types with status True only.
    List<String> types = new ArrayList<>(status.getConditionsCount());
    for (CertificateSigningRequestCondition condition : status.getConditionsList()) {
      conditions.add(condition(condition));
      types.add(condition.getType());
    }
    CsrSpec view =
        new CsrSpec(
            metadata.getName(),
            metadata.getUid(),
            spec.getSignerName().equals(SignerName.KUBELET_SERVING.text())
                ? SignerName.KUBELET_SERVING
                : new SignerName(spec.getSignerName()),
            new CsrSpec.Requestor(
                spec.getUsername(),
                spec.getUid(),
                spec.getGroupsList().equals(KUBELET_GROUPS) ? KUBELET_GROUPS : spec.getGroupsList(),
                whole ? extra(spec) : Map.of()),
            whole ? spec.getUsagesList() : List.of(),
            spec.hasExpirationSeconds()
                ? Optional.of(Duration.ofSeconds(spec.getExpirationSeconds()))
                : Optional.empty(),
            Times.instant(metadata.getCreationTimestamp()),
            whole ? Bytes.copyOf(spec.getRequest().toByteArray()) : Bytes.empty(),
            types,
            !status.getCertificate().isEmpty(),
            !Times.instant(metadata.getDeletionTimestamp()).equals(Instant.EPOCH));
    return new CsrObject(
        metadata.getUid(),
        metadata.getResourceVersion(),
        view,
        conditions,
        Bytes.copyOf(status.getCertificate().toByteArray()),
        kept.orElse(PreservedMetadata.NONE),
        whole ? CsrObject.Extent.WHOLE : CsrObject.Extent.OUTLINE);
  }

  private static Map<String, List<String>> extra(CertificateSigningRequestSpec spec) {
    Map<String, List<String>> extra = HashMap.newHashMap(spec.getExtraCount());
    spec.getExtraMap().forEach((key, value) -> extra.put(key, value.getItemsList()));
    return extra;
  }

  private static CsrObject.Condition condition(CertificateSigningRequestCondition condition)
      throws InvalidProtocolBufferException {
    Instant updated = Times.instant(condition.getLastUpdateTime());
    return new CsrObject.Condition(
        condition.getType(),
        condition.getStatus(),
        condition.getReason(),
        condition.getMessage(),
        Optional.of(updated).filter(time -> !time.equals(Instant.EPOCH)));
  }
}
