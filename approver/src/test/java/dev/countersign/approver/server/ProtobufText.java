package dev.countersign.approver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.proto.CertificateSigningRequest;
import dev.countersign.kube.proto.CertificateSigningRequestCondition;
import dev.countersign.kube.proto.CertificateSigningRequestSpec;
import dev.countersign.kube.proto.CertificateSigningRequestStatus;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.ExtraValue;
import dev.countersign.kube.proto.ListMeta;
import dev.countersign.kube.proto.MapEntry;
import dev.countersign.kube.proto.Node;
import dev.countersign.kube.proto.NodeAddress;
import dev.countersign.kube.proto.NodeCondition;
import dev.countersign.kube.proto.NodeSpec;
import dev.countersign.kube.proto.NodeStatus;
import dev.countersign.kube.proto.ObjectMeta;
import dev.countersign.kube.proto.RawExtension;
import dev.countersign.kube.proto.Status;
import dev.countersign.kube.proto.SubjectAccessReview;
import dev.countersign.kube.proto.SubjectAccessReviewSpec;
import dev.countersign.kube.proto.SubjectAccessReviewStatus;
import dev.countersign.kube.proto.Time;
import dev.countersign.kube.proto.Times;
import dev.countersign.kube.proto.WatchEvent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Turns objects that tests write as JSON into what an API server sends in protobuf, and back. */
public final class ProtobufText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ProtobufText() {}

  /** Reads a request that is written as JSON. */
  public static <T> T request(String json, ObjectDecoder<T> decoder) throws IOException {
    return decoder.read(
        new ByteArrayInputStream(
            answer("/apis/certificates.k8s.io/v1/certificatesigningrequests/x", json)));
  }

  /** Reads a Node that is written as JSON. */
  public static <T> T node(String json, ObjectDecoder<T> decoder) throws IOException {
    return decoder.read(new ByteArrayInputStream(answer("/api/v1/nodes/x", json)));
  }

  /** An object or a list, which is at that path, in its envelope. */
  static byte[] answer(String path, String json) throws IOException {
    JsonNode object = JSON.readTree(json);
    if (!object.has("items")) {
      return Envelope.write("v1", "Any", message(path, object));
    }
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(list);
    out.writeMessage(
        1,
        ListMeta.newBuilder()
            .setResourceVersion(object.at("/metadata/resourceVersion").asText())
            .build());
    for (JsonNode item : object.path("items")) {
      out.writeMessage(2, message(path, item));
    }
    out.flush();
    // Of any message: what is not known of it is kept.
    return Envelope.write("v1", "List", Time.parseFrom(list.toByteArray()));
  }

  /** An event of a watch in its frame. */
  static byte[] event(String path, String json) throws IOException {
    JsonNode event = JSON.readTree(json);
    JsonNode object = event.path("object");
    MessageLite message =
        event.path("type").asText().equals("ERROR")
            ? Status.newBuilder()
                .setCode(object.path("code").asInt())
                .setReason(object.path("reason").asText())
                .setMessage(object.path("message").asText())
                .build()
            : message(path, object);
    byte[] frame =
        WatchEvent.newBuilder()
            .setType(event.path("type").asText())
            .setObject(
                RawExtension.newBuilder()
                    .setRaw(ByteString.copyFrom(Envelope.write("v1", "Any", message))))
            .build()
            .toByteArray();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(frame.length);
    out.write(frame);
    return bytes.toByteArray();
  }

  private static MessageLite message(String path, JsonNode object) throws IOException {
    if (path.contains("/certificatesigningrequests")) {
      return csr(object);
    }
    if (path.contains("/nodes")) {
      return node(object);
    }
    if (path.contains("/subjectaccessreviews")) {
      JsonNode status = object.path("status");
      return SubjectAccessReview.newBuilder()
          .setStatus(
              SubjectAccessReviewStatus.newBuilder()
                  .setAllowed(status.path("allowed").asBoolean())
                  .setDenied(status.path("denied").asBoolean())
                  .setReason(status.path("reason").asText()))
          .build();
    }
    throw new IllegalArgumentException(path + ": read as JSON");
  }

  private static ObjectMeta metadata(JsonNode json) {
    ObjectMeta.Builder metadata = ObjectMeta.newBuilder();
    text(json, "name", metadata::setName);
    text(json, "generateName", metadata::setGenerateName);
    text(json, "namespace", metadata::setNamespace);
    text(json, "uid", metadata::setUid);
    text(json, "resourceVersion", metadata::setResourceVersion);
    time(json, "creationTimestamp", metadata::setCreationTimestamp);
    time(json, "deletionTimestamp", metadata::setDeletionTimestamp);
    json.path("labels")
        .properties()
        .forEach(entry -> metadata.addLabels(entry(entry.getKey(), entry.getValue())));
    json.path("annotations")
        .properties()
        .forEach(entry -> metadata.addAnnotations(entry(entry.getKey(), entry.getValue())));
    for (JsonNode owner : json.path("ownerReferences")) {
      metadata.addOwnerReferences(
          ByteString.copyFrom(ProtoWriting.message(out -> owner(owner, out))));
    }
    texts(json, "finalizers").forEach(metadata::addFinalizers);
    return metadata.build();
  }

  private static void owner(JsonNode owner, ProtoWriting.Message out) {
    out.writeString(1, owner.path("kind").asText());
    out.writeString(3, owner.path("name").asText());
    out.writeString(4, owner.path("uid").asText());
    out.writeString(5, owner.path("apiVersion").asText());
    if (owner.has("controller")) {
      out.writeBool(6, owner.path("controller").asBoolean());
    }
    if (owner.has("blockOwnerDeletion")) {
      out.writeBool(7, owner.path("blockOwnerDeletion").asBoolean());
    }
  }

  private static ByteString entry(String key, JsonNode value) {
    return MapEntry.newBuilder().setKey(key).setValue(value.asText()).build().toByteString();
  }

  private static CertificateSigningRequest csr(JsonNode json) throws IOException {
    JsonNode from = json.path("spec");
    CertificateSigningRequestSpec.Builder spec =
        CertificateSigningRequestSpec.newBuilder()
            .addAllGroups(texts(from, "groups"))
            .addAllUsages(texts(from, "usages"));
    binary(from, "request", spec::setRequest);
    text(from, "signerName", spec::setSignerName);
    text(from, "username", spec::setUsername);
    text(from, "uid", spec::setUid);
    if (from.has("expirationSeconds")) {
      spec.setExpirationSeconds(from.path("expirationSeconds").asInt());
    }
    from.path("extra")
        .properties()
        .forEach(
            entry ->
                spec.putExtra(
                    entry.getKey(),
                    ExtraValue.newBuilder()
                        .addAllItems(texts(from.path("extra"), entry.getKey()))
                        .build()));
    CertificateSigningRequestStatus.Builder status = CertificateSigningRequestStatus.newBuilder();
    binary(json.path("status"), "certificate", status::setCertificate);
    for (JsonNode one : json.path("status").path("conditions")) {
      CertificateSigningRequestCondition.Builder condition =
          CertificateSigningRequestCondition.newBuilder();
      text(one, "type", condition::setType);
      text(one, "status", condition::setStatus);
      text(one, "reason", condition::setReason);
      text(one, "message", condition::setMessage);
      time(one, "lastUpdateTime", condition::setLastUpdateTime);
      status.addConditions(condition);
    }
    return CertificateSigningRequest.newBuilder()
        .setMetadata(metadata(json.path("metadata")))
        .setSpec(spec)
        .setStatus(status)
        .build();
  }

  private static Node node(JsonNode json) {
    NodeSpec.Builder spec =
        NodeSpec.newBuilder().addAllPodCidrs(texts(json.path("spec"), "podCIDRs"));
    text(json.path("spec"), "podCIDR", spec::setPodCidr);
    NodeStatus.Builder status = NodeStatus.newBuilder();
    for (JsonNode address : json.path("status").path("addresses")) {
      status.addAddresses(
          NodeAddress.newBuilder()
              .setType(address.path("type").asText())
              .setAddress(address.path("address").asText()));
    }
    for (JsonNode condition : json.path("status").path("conditions")) {
      status.addConditions(
          NodeCondition.newBuilder()
              .setType(condition.path("type").asText())
              .setStatus(condition.path("status").asText()));
    }
    return Node.newBuilder()
        .setMetadata(metadata(json.path("metadata")))
        .setSpec(spec)
        .setStatus(status)
        .build();
  }

  private static void text(JsonNode json, String field, Consumer<String> setter) {
    if (json.has(field)) {
      setter.accept(json.path(field).asText());
    }
  }

  private static void time(JsonNode json, String field, Consumer<Time> setter) {
    if (json.has(field)) {
      setter.accept(Times.time(Instant.parse(json.path(field).asText())));
    }
  }

  private static void binary(JsonNode json, String field, Consumer<ByteString> setter)
      throws IOException {
    if (json.has(field)) {
      setter.accept(ByteString.copyFrom(json.path(field).binaryValue()));
    }
  }

  private static List<String> texts(JsonNode json, String field) {
    return json.path(field).valueStream().map(JsonNode::asText).toList();
  }

  /** What an approver wrote, as JSON; as it is where it is not protobuf. */
  static String of(byte[] body) throws IOException {
    if (!Envelope.isAround(body)) {
      return new String(body, StandardCharsets.UTF_8);
    }
    ObjectNode object = JSON.createObjectNode();
    String kind =
        dev.countersign.kube.proto.Unknown.parseFrom(ByteString.copyFrom(body).substring(4))
            .getTypeMeta()
            .getKind();
    switch (kind) {
      case "CertificateSigningRequest" -> {
        CertificateSigningRequest csr =
            Envelope.read(new ByteArrayInputStream(body), CertificateSigningRequest.parser());
        written(csr.getMetadata(), object.putObject("metadata"));
        for (CertificateSigningRequestCondition condition : csr.getStatus().getConditionsList()) {
          ObjectNode one = object.withObject("status").withArray("conditions").addObject();
          one.put("type", condition.getType());
          one.put("reason", condition.getReason());
          one.put("message", condition.getMessage());
          if (condition.hasLastUpdateTime()) {
            one.put("lastUpdateTime", Times.instant(condition.getLastUpdateTime()).toString());
          }
          one.put("status", condition.getStatus());
        }
      }
      case "SubjectAccessReview" ->
          written(
              Envelope.read(new ByteArrayInputStream(body), SubjectAccessReview.parser()).getSpec(),
              object.putObject("spec"));
      default -> throw new IllegalStateException("nobody writes " + kind + " in protobuf");
    }
    return object.toString();
  }

  private static void written(ObjectMeta metadata, ObjectNode out) throws IOException {
    out.put("name", metadata.getName()).put("resourceVersion", metadata.getResourceVersion());
    if (metadata.hasGenerateName()) {
      out.put("generateName", metadata.getGenerateName());
    }
    for (ByteString label : metadata.getLabelsList()) {
      MapEntry entry = MapEntry.parseFrom(label);
      out.withObject("labels").put(entry.getKey(), entry.getValue());
    }
    for (ByteString annotation : metadata.getAnnotationsList()) {
      MapEntry entry = MapEntry.parseFrom(annotation);
      out.withObject("annotations").put(entry.getKey(), entry.getValue());
    }
    for (ByteString owner : metadata.getOwnerReferencesList()) {
      // Kept byte by byte, hence in hexadecimal digits.
      out.withArray("ownerReferences").add(java.util.HexFormat.of().formatHex(owner.toByteArray()));
    }
    metadata.getFinalizersList().forEach(out.withArray("finalizers")::add);
    if (metadata.getFinalizersCount() == 0) {
      out.remove("finalizers");
    }
  }

  private static void written(SubjectAccessReviewSpec spec, ObjectNode out) {
    ObjectNode resource = out.putObject("resourceAttributes");
    resource.put("verb", spec.getResourceAttributes().getVerb());
    resource.put("group", spec.getResourceAttributes().getGroup());
    resource.put("resource", spec.getResourceAttributes().getResource());
    if (spec.getResourceAttributes().hasSubresource()) {
      resource.put("subresource", spec.getResourceAttributes().getSubresource());
    }
    out.put("user", spec.getUser());
    spec.getGroupsList().forEach(out.putArray("groups")::add);
    spec.getExtraMap()
        .forEach(
            (key, values) ->
                values.getItemsList().forEach(out.withObject("extra").putArray(key)::add));
    out.put("uid", spec.getUid());
  }
}
