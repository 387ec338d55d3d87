package dev.countersign.approver.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.kube.proto.ProtoReading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows as JSON what an approver writes in protobuf: its fields in the order in which they came, by
 * the names and numbers of Kubernetes' {@code generated.proto} files.
 */
final class ProtobufText {
  /** Reads a field's value into what its message has so far. */
  @FunctionalInterface
  private interface Field {
    void read(CodedInputStream in, Map<String, Object> message) throws IOException;
  }

  private static final Map<Integer, Field> OWNER =
      Map.of(
          1, text("kind"),
          3, text("name"),
          4, text("uid"),
          5, text("apiVersion"),
          6, flag("controller"),
          7, flag("blockOwnerDeletion"));

  private static final Map<Integer, Field> METADATA =
      Map.of(
          1, text("name"),
          2, text("generateName"),
          6, text("resourceVersion"),
          11, entry("labels"),
          12, entry("annotations"),
          13, element("ownerReferences", OWNER),
          14, texts("finalizers"));

  private static final Map<Integer, Field> CONDITION =
      Map.of(
          1, text("type"),
          2, text("reason"),
          3, text("message"),
          4, time("lastUpdateTime"),
          6, text("status"));

  private static final Map<Integer, Field> REQUEST =
      Map.of(
          1, message("metadata", METADATA),
          3, message("status", Map.of(1, element("conditions", CONDITION))));

  private static final Map<Integer, Field> ATTRIBUTES =
      Map.of(2, text("verb"), 3, text("group"), 5, text("resource"), 6, text("subresource"));

  private static final Map<Integer, Field> REVIEW =
      Map.of(
          2,
          message(
              "spec",
              Map.of(
                  1, message("resourceAttributes", ATTRIBUTES),
                  3, text("user"),
                  4, texts("groups"),
                  5, lists("extra"),
                  6, text("uid"))));

  private static final Map<String, Map<Integer, Field>> KINDS =
      Map.of(
          "certificates.k8s.io/v1 CertificateSigningRequest",
          REQUEST,
          "authorization.k8s.io/v1 SubjectAccessReview",
          REVIEW);

  private ProtobufText() {}

  /** A body as text, whatever it is. */
  static String of(byte[] body) throws IOException {
    if (!ProtoReading.isObject(body)) {
      return new String(body, StandardCharsets.UTF_8);
    }
    Map<Integer, Field> fields = KINDS.get(kind(body));
    if (fields == null) {
      throw new IllegalStateException("nobody writes " + kind(body) + " in protobuf");
    }
    Map<String, Object> object =
        ProtoReading.object(CodedInputStream.newInstance(body), in -> read(in, fields));
    return new String(JsonWriting.object(out -> members(out, object)), StandardCharsets.UTF_8);
  }

  /** What the envelope says. */
  private static String kind(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    in.skipRawBytes(4);
    List<String> type = new ArrayList<>();
    ProtoReading.fields(
        in,
        field -> {
          if (field == 1) {
            ProtoReading.fieldsOfMessage(in, inner -> type.add(ProtoReading.string(in)));
          }
        });
    return String.join(" ", type);
  }

  private static Map<String, Object> read(CodedInputStream in, Map<Integer, Field> fields)
      throws IOException {
    Map<String, Object> message = new LinkedHashMap<>();
    ProtoReading.fields(
        in,
        number -> {
          Field field = fields.get(number);
          if (field == null) {
            throw new IllegalStateException(
                "field " + number + ": no such field in " + fields.keySet());
          }
          field.read(in, message);
        });
    return message;
  }

  private static Field text(String name) {
    return (in, message) -> message.put(name, ProtoReading.string(in));
  }

  private static Field texts(String name) {
    return (in, message) -> list(message, name).add(ProtoReading.string(in));
  }

  private static Field flag(String name) {
    return (in, message) -> message.put(name, ProtoReading.bool(in));
  }

  private static Field time(String name) {
    return (in, message) -> message.put(name, ProtoReading.time(in).toString());
  }

  private static Field entry(String name) {
    return (in, message) -> ProtoReading.mapEntry(in, map(message, name)::put);
  }

  private static Field message(String name, Map<Integer, Field> fields) {
    return (in, message) ->
        message.put(name, ProtoReading.message(in, inner -> read(inner, fields)));
  }

  private static Field element(String name, Map<Integer, Field> fields) {
    return (in, message) ->
        list(message, name).add(ProtoReading.message(in, inner -> read(inner, fields)));
  }

  /** A map's entry whose value is a message with a list. */
  private static Field lists(String name) {
    Map<Integer, Field> fields =
        Map.of(1, text("key"), 2, message("value", Map.of(1, texts("items"))));
    return (in, message) -> {
      Map<String, Object> entry = ProtoReading.message(in, inner -> read(inner, fields));
      Map<?, ?> value = (Map<?, ?>) entry.get("value");
      map(message, name).put((String) entry.get("key"), items(value));
    };
  }

  private static List<?> items(Map<?, ?> value) {
    return value.get("items") instanceof List<?> items ? items : List.of();
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Map<String, Object> message, String name) {
    return (List<Object>) message.computeIfAbsent(name, ignored -> new ArrayList<>());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> message, String name) {
    return (Map<String, Object>) message.computeIfAbsent(name, ignored -> new LinkedHashMap<>());
  }

  private static void members(JsonGenerator out, Map<?, ?> members) throws IOException {
    for (Map.Entry<?, ?> member : members.entrySet()) {
      out.writeFieldName(String.valueOf(member.getKey()));
      value(out, member.getValue());
    }
  }

  private static void value(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case Map<?, ?> members -> {
        out.writeStartObject();
        members(out, members);
        out.writeEndObject();
      }
      case List<?> elements -> {
        out.writeStartArray();
        for (Object element : elements) {
          value(out, element);
        }
        out.writeEndArray();
      }
      case Boolean flag -> out.writeBoolean(flag);
      default -> out.writeString(value.toString());
    }
  }
}
