package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.common.Bytes;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
import dev.countersign.kube.proto.ProtoWriting;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What others wrote into an object's metadata. A PUT replaces metadata as a whole, on the approval
 * subresource of CertificateSigningRequests too (kubernetes pkg/registry/certificates/certificates,
 * csrApprovalStrategy keeps the spec only): what is not sent along is deleted.
 *
 * <p>It stays bytes: whoever makes a request chooses its labels, and a hash table of a megabyte of
 * them costs several times as much memory, and a square of the time where their hashes collide.
 *
 * @param fields of {@code meta/v1.ObjectMeta} in protobuf (k8s.io/apimachinery,
 *     meta/v1/generated.proto): generateName, labels, annotations, ownerReferences and finalizers,
 *     as far as there are any, in the order of their numbers
 */
public record KeptMetadata(Bytes fields) {
  /** Nothing to keep. */
  public static final KeptMetadata NONE = new KeptMetadata(Bytes.empty());

  private static final int GENERATE_NAME = 2;
  private static final int LABELS = 11;
  private static final int ANNOTATIONS = 12;
  private static final int OWNERS = 13;
  private static final int FINALIZERS = 14;

  /** The annotation of that name. */
  public Optional<String> annotation(String name) throws IOException {
    var found =
        new Object() {
          Optional<String> value = Optional.empty();
        };
    CodedInputStream in = CodedInputStream.newInstance(fields.toByteArray());
    ProtoReading.fields(
        in,
        field -> {
          if (field == ANNOTATIONS) {
            ProtoReading.mapEntry(
                in,
                (key, value) -> {
                  if (key.equals(name)) {
                    found.value = Optional.of(value);
                  }
                });
          }
        });
    return found.value;
  }

  /** Writes the fields into metadata that is open. */
  public void writeTo(ProtoWriting.Message metadata) {
    metadata.writeRawBytes(fields.toByteArray());
  }

  /** Gathers the fields while metadata is read. Used once. */
  public static final class Builder {
    private final SortedMap<Integer, ProtoWriting.Message> fields = new TreeMap<>();

    /** Reads a field of {@code metadata}, if it is one of these. */
    public void read(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "generateName" -> generateName(Bytes.ofUtf8(JsonReading.string(parser)));
        case "labels" -> entries(LABELS, parser);
        case "annotations" -> entries(ANNOTATIONS, parser);
        case "ownerReferences" ->
            JsonReading.array(
                parser,
                () -> {
                  Owner owner = new Owner();
                  JsonReading.object(parser, name -> owner.read(name, parser));
                  to(OWNERS).writeMessage(OWNERS, owner::writeTo);
                });
        case "finalizers" ->
            JsonReading.array(
                parser, () -> to(FINALIZERS).writeString(FINALIZERS, JsonReading.string(parser)));
        default -> {}
      }
    }

    private void entries(int field, JsonParser parser) throws IOException {
      JsonReading.object(
          parser, key -> to(field).writeMapEntry(field, key, JsonReading.string(parser)));
    }

    /** Reads a field of {@code meta/v1.ObjectMeta}, if it is one of these. */
    public void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case GENERATE_NAME -> generateName(Bytes.copyOf(ProtoReading.bytes(in)));
        case LABELS, ANNOTATIONS, OWNERS, FINALIZERS ->
            to(field).writeByteArray(field, ProtoReading.bytes(in));
        default -> {}
      }
    }

    /** An API server sends an empty one where there is none, in protobuf. */
    private void generateName(Bytes prefix) {
      if (!prefix.isEmpty()) {
        to(GENERATE_NAME).writeByteArray(GENERATE_NAME, prefix.toByteArray());
      }
    }

    private ProtoWriting.Message to(int field) {
      return fields.computeIfAbsent(field, ignored -> new ProtoWriting.Message());
    }

    /** What was read. */
    public KeptMetadata build() {
      if (fields.isEmpty()) {
        return NONE;
      }
      return new KeptMetadata(
          Bytes.copyOf(
              ProtoWriting.message(
                  out -> fields.values().forEach(part -> out.writeRawBytes(part.toByteArray())))));
    }
  }

  /** An owner reference in JSON, whose fields have another order than in protobuf. */
  private static final class Owner {
    private String apiVersion = "";
    private String kind = "";
    private String name = "";
    private String uid = "";
    private Optional<Boolean> controller = Optional.empty();
    private Optional<Boolean> blockOwnerDeletion = Optional.empty();

    void read(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "apiVersion" -> apiVersion = JsonReading.string(parser);
        case "kind" -> kind = JsonReading.string(parser);
        case "name" -> name = JsonReading.string(parser);
        case "uid" -> uid = JsonReading.string(parser);
        case "controller" -> controller = Optional.of(JsonReading.bool(parser));
        case "blockOwnerDeletion" -> blockOwnerDeletion = Optional.of(JsonReading.bool(parser));
        default -> {}
      }
    }

    void writeTo(ProtoWriting.Message out) {
      out.writeString(1, kind);
      out.writeString(3, name);
      out.writeString(4, uid);
      out.writeString(5, apiVersion);
      controller.ifPresent(flag -> out.writeBool(6, flag));
      blockOwnerDeletion.ifPresent(flag -> out.writeBool(7, flag));
    }
  }
}
