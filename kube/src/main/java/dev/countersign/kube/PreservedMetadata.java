package dev.countersign.kube;

import dev.countersign.common.Bytes;
import dev.countersign.kube.proto.MapEntry;
import dev.countersign.kube.proto.ObjectMeta;
import java.io.IOException;
import java.util.Optional;

/**
 * What others wrote into an object's metadata. A PUT replaces metadata as a whole, on the approval
 * subresource of CertificateSigningRequests too (kubernetes pkg/registry/certificates/certificates,
 * csrApprovalStrategy keeps the spec only): what is not sent along is deleted.
 *
 * <p>It stays bytes: whoever makes a request chooses its labels, and a hash table of a megabyte of
 * them costs several times as much memory, and a square of the time where their hashes collide.
 *
 * @param fields a {@code meta/v1.ObjectMeta} in protobuf with generateName, labels, annotations,
 *     ownerReferences and finalizers, as far as there are any
 */
public record PreservedMetadata(Bytes fields) {
  /** Nothing to keep. */
  public static final PreservedMetadata NONE = new PreservedMetadata(Bytes.empty());

  /** What of an object's metadata is kept. */
  public static PreservedMetadata of(ObjectMeta metadata) {
    ObjectMeta.Builder kept =
        ObjectMeta.newBuilder()
            .addAllLabels(metadata.getLabelsList())
            .addAllAnnotations(metadata.getAnnotationsList())
            .addAllOwnerReferences(metadata.getOwnerReferencesList())
            .addAllFinalizers(metadata.getFinalizersList());
    // An API server sends an empty one where there is none.
    if (!metadata.getGenerateName().isEmpty()) {
      kept.setGenerateName(metadata.getGenerateName());
    }
    byte[] fields = kept.build().toByteArray();
    return fields.length == 0 ? NONE : new PreservedMetadata(Bytes.copyOf(fields));
  }

  /** The annotation of that name. */
  public Optional<String> annotation(String name) throws IOException {
    Optional<String> found = Optional.empty();
    for (var annotation : ObjectMeta.parseFrom(fields.toByteArray()).getAnnotationsList()) {
      MapEntry entry = MapEntry.parseFrom(annotation);
      if (entry.getKey().equals(name)) {
        found = Optional.of(entry.getValue());
      }
    }
    return found;
  }

  /** Writes them into metadata. */
  public void writeTo(ObjectMeta.Builder metadata) {
    try {
      metadata.mergeFrom(fields.toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException("these are the bytes of metadata", e);
    }
  }
}
