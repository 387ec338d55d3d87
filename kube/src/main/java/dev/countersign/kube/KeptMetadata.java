package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.kube.proto.ProtoReading;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What others wrote into an object's metadata. A PUT replaces metadata as a whole, on the approval
 * subresource of CertificateSigningRequests too (kubernetes pkg/registry/certificates/certificates,
 * csrApprovalStrategy keeps the spec only): what is not sent along is deleted.
 *
 * <p>It stays text: whoever makes a request chooses its labels, and a hash table of a megabyte of
 * them costs several times as much memory, and a square of the time where their hashes collide.
 *
 * @param fields JSON by field name
 */
public record KeptMetadata(Map<String, String> fields) {
  /** Nothing to keep. */
  public static final KeptMetadata NONE = new KeptMetadata(Map.of());

  private static final Set<String> FIELDS =
      Set.of("generateName", "labels", "annotations", "finalizers", "ownerReferences");

  /** Copies. */
  public KeptMetadata {
    fields = Map.copyOf(fields);
  }

  /** The annotation of that name. */
  public Optional<String> annotation(String name) throws IOException {
    String annotations = fields.get("annotations");
    if (annotations == null) {
      return Optional.empty();
    }
    byte[] json = annotations.getBytes(StandardCharsets.UTF_8);
    return Optional.ofNullable(
        JsonReading.one(new ByteArrayInputStream(json), JsonReading::stringMap).get(name));
  }

  /** Writes the fields into metadata that is open. */
  public void writeTo(JsonGenerator out) {
    fields.forEach(
        (name, json) -> {
          try {
            out.writeFieldName(name);
            out.writeRawValue(json);
          } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
          }
        });
  }

  /** Gathers the fields while metadata is read. Used once. */
  public static final class Builder {
    private final Map<String, String> fields = HashMap.newHashMap(1);
    private @Nullable Text labels;
    private @Nullable Text annotations;
    private @Nullable Text owners;
    private @Nullable Text finalizers;

    /** Reads a field of {@code metadata}, if it is one of these. */
    public void read(String field, JsonParser parser) throws IOException {
      if (FIELDS.contains(field)) {
        Text text = new Text();
        text.out.copyCurrentStructure(parser);
        fields.put(field, text.end());
      }
    }

    /** Reads a field of {@code meta/v1.ObjectMeta}, if it is one of these. */
    public void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case 2 -> {
          String name = ProtoReading.string(in);
          if (!name.isEmpty()) {
            Text text = new Text();
            text.out.writeString(name);
            fields.put("generateName", text.end());
          }
        }
        case 11 -> {
          labels = labels == null ? Text.object() : labels;
          ProtoReading.mapEntry(in, labels.out::writeStringField);
        }
        case 12 -> {
          annotations = annotations == null ? Text.object() : annotations;
          ProtoReading.mapEntry(in, annotations.out::writeStringField);
        }
        case 13 -> {
          owners = owners == null ? Text.array() : owners;
          Owner owner = new Owner();
          ProtoReading.fieldsOfMessage(in, number -> owner.read(number, in));
          owner.writeTo(owners.out);
        }
        case 14 -> {
          finalizers = finalizers == null ? Text.array() : finalizers;
          finalizers.out.writeString(ProtoReading.string(in));
        }
        default -> {}
      }
    }

    /** What was read. */
    public KeptMetadata build() throws IOException {
      end("labels", labels);
      end("annotations", annotations);
      end("ownerReferences", owners);
      end("finalizers", finalizers);
      return fields.isEmpty() ? NONE : new KeptMetadata(fields);
    }

    private void end(String field, @Nullable Text text) throws IOException {
      if (text != null) {
        fields.put(field, text.end());
      }
    }
  }

  /** JSON that is being written. */
  private static final class Text {
    private final StringWriter target = new StringWriter();
    private final JsonGenerator out;

    Text() throws IOException {
      out = JsonWriting.generator(target);
    }

    static Text object() throws IOException {
      Text text = new Text();
      text.out.writeStartObject();
      return text;
    }

    static Text array() throws IOException {
      Text text = new Text();
      text.out.writeStartArray();
      return text;
    }

    /** The text; what is open is closed. */
    String end() throws IOException {
      out.close();
      return target.toString();
    }
  }

  /** An owner reference in protobuf, whose fields have another order than in JSON. */
  private static final class Owner {
    private String apiVersion = "";
    private String kind = "";
    private String name = "";
    private String uid = "";
    private Optional<Boolean> controller = Optional.empty();
    private Optional<Boolean> blockOwnerDeletion = Optional.empty();

    void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case 1 -> kind = ProtoReading.string(in);
        case 3 -> name = ProtoReading.string(in);
        case 4 -> uid = ProtoReading.string(in);
        case 5 -> apiVersion = ProtoReading.string(in);
        case 6 -> controller = Optional.of(ProtoReading.bool(in));
        case 7 -> blockOwnerDeletion = Optional.of(ProtoReading.bool(in));
        default -> {}
      }
    }

    void writeTo(JsonGenerator out) throws IOException {
      out.writeStartObject();
      out.writeStringField("apiVersion", apiVersion);
      out.writeStringField("kind", kind);
      out.writeStringField("name", name);
      out.writeStringField("uid", uid);
      if (controller.isPresent()) {
        out.writeBooleanField("controller", controller.get());
      }
      if (blockOwnerDeletion.isPresent()) {
        out.writeBooleanField("blockOwnerDeletion", blockOwnerDeletion.get());
      }
      out.writeEndObject();
    }
  }
}
