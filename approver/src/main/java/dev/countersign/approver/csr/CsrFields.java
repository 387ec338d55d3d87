package dev.countersign.approver.csr;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.CodedInputStream;
import dev.countersign.common.Bytes;
import dev.countersign.kube.KeptMetadata;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The fields of a CertificateSigningRequest while it is read, in JSON or in protobuf (k8s.io/api,
 * certificates/v1/generated.proto). Used once.
 */
final class CsrFields {
  private static final List<String> KUBELET_GROUPS =
      List.of("system:nodes", "system:authenticated");

  private final Predicate<String> metadataSuffices;
  private final int most;
  private final ObjectMeta meta = new ObjectMeta();
  private final KeptMetadata.Builder kept = new KeptMetadata.Builder();
  private String signer = "";
  private String username = "";
  private String userUid = "";
  private final List<String> groups = new ArrayList<>(2);
  private final Map<String, List<String>> extra = HashMap.newHashMap(0);
  private final List<String> usages = new ArrayList<>(2);
  private Optional<Duration> expiration = Optional.empty();
  private byte[] request = new byte[0];
  private final List<CsrObject.Condition> conditions = new ArrayList<>(2);
  private byte[] certificate = new byte[0];
  private boolean metadataOnly;

  /**
   * One without content.
   *
   * @param most how large it may be, in bytes; what is larger is read in outline
   */
  CsrFields(Predicate<String> metadataSuffices, int most) {
    this.metadataSuffices = metadataSuffices;
    this.most = most;
  }

  CsrObject read(JsonParser parser) throws IOException {
    JsonReading.object(
        parser,
        section -> {
          switch (section) {
            case "metadata" -> {
              JsonReading.object(parser, field -> metadata(field, parser));
              metadataOnly = metadataSuffices.test(meta.uid());
            }
            case "spec" -> {
              if (!metadataOnly) {
                JsonReading.object(parser, field -> spec(field, parser));
              }
            }
            case "status" -> {
              if (!metadataOnly) {
                JsonReading.object(parser, field -> status(field, parser));
              }
            }
            default -> {}
          }
        });
    return build();
  }

  private void metadata(String field, JsonParser parser) throws IOException {
    if (!meta.take(field, parser)) {
      kept.read(field, parser);
    }
  }

  private void spec(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "request" -> request = binary(parser);
      case "signerName" -> signer = JsonReading.string(parser);
      case "username" -> username = JsonReading.string(parser);
      case "uid" -> userUid = JsonReading.string(parser);
      case "groups" -> groups.addAll(JsonReading.strings(parser));
      case "usages" -> usages.addAll(JsonReading.strings(parser));
      case "expirationSeconds" -> expires(JsonReading.number(parser));
      case "extra" ->
          JsonReading.object(parser, key -> extra.put(key, JsonReading.strings(parser)));
      default -> {}
    }
  }

  private void status(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "certificate" -> certificate = binary(parser);
      case "conditions" ->
          JsonReading.array(
              parser,
              () -> {
                Condition condition = new Condition();
                JsonReading.object(parser, name -> condition.read(name, parser));
                conditions.add(condition.build());
              });
      default -> {}
    }
  }

  private static byte[] binary(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getBinaryValue() : new byte[0];
  }

  CsrObject read(CodedInputStream in) throws IOException {
    ProtoReading.fields(
        in,
        section -> {
          switch (section) {
            case 1 -> {
              ProtoReading.fieldsOfMessage(in, field -> metadata(field, in));
              metadataOnly = metadataSuffices.test(meta.uid());
            }
            case 2 -> {
              if (!metadataOnly) {
                ProtoReading.fieldsOfMessage(in, field -> spec(field, in));
              }
            }
            case 3 -> {
              if (!metadataOnly) {
                ProtoReading.fieldsOfMessage(in, field -> status(field, in));
              }
            }
            default -> {}
          }
        });
    return build();
  }

  private void metadata(int field, CodedInputStream in) throws IOException {
    if (!meta.take(field, in)) {
      kept.read(field, in);
    }
  }

  private void spec(int field, CodedInputStream in) throws IOException {
    switch (field) {
      case 1 -> request = ProtoReading.bytes(in);
      case 2 -> username = ProtoReading.string(in);
      case 3 -> userUid = ProtoReading.string(in);
      case 4 -> groups.add(ProtoReading.string(in));
      case 5 -> usages.add(ProtoReading.string(in));
      case 6 -> extra(in);
      case 7 -> signer = ProtoReading.string(in);
      case 8 -> expires(ProtoReading.number(in));
      default -> {}
    }
  }

  /** A map's entry; its value is a message with a list. */
  private void extra(CodedInputStream in) throws IOException {
    var entry =
        new Object() {
          String key = "";
          final List<String> values = new ArrayList<>(1);
        };
    ProtoReading.fieldsOfMessage(
        in,
        field -> {
          switch (field) {
            case 1 -> entry.key = ProtoReading.string(in);
            case 2 ->
                ProtoReading.fieldsOfMessage(
                    in,
                    item -> {
                      if (item == 1) {
                        entry.values.add(ProtoReading.string(in));
                      }
                    });
            default -> {}
          }
        });
    extra.put(entry.key, entry.values);
  }

  private void status(int field, CodedInputStream in) throws IOException {
    switch (field) {
      case 1 -> {
        Condition condition = new Condition();
        ProtoReading.fieldsOfMessage(in, number -> condition.read(number, in));
        conditions.add(condition.build());
      }
      case 2 -> certificate = ProtoReading.bytes(in);
      default -> {}
    }
  }

  private void expires(long seconds) {
    expiration = Optional.of(Duration.ofSeconds(seconds));
  }

  private CsrObject build() {
    // certificates.k8s.io/v1 allows a condition of these types with status True only.
    List<String> types = new ArrayList<>(conditions.size());
    conditions.forEach(condition -> types.add(condition.type()));
    KeptMetadata others = metadataOnly ? KeptMetadata.NONE : kept.build();
    if (metadataOnly || size(others) > most) {
      return outline(types);
    }
    CsrView view = view(types, Bytes.copyOf(request), usages, extra);
    return object(view, others, CsrObject.Extent.WHOLE);
  }

  private long size(KeptMetadata others) {
    long size = (long) request.length + others.fields().size();
    for (String usage : usages) {
      size += usage.length();
    }
    for (Map.Entry<String, List<String>> entry : extra.entrySet()) {
      size += entry.getKey().length();
      for (String value : entry.getValue()) {
        size += value.length();
      }
    }
    return size;
  }

  private CsrObject outline(List<String> types) {
    CsrView view = view(types, Bytes.empty(), List.of(), Map.of());
    return object(view, KeptMetadata.NONE, CsrObject.Extent.OUTLINE);
  }

  private CsrView view(
      List<String> types, Bytes request, List<String> usages, Map<String, List<String>> extra) {
    return new CsrView(
        meta.name(),
        signer.equals(SignerName.KUBELET_SERVING.text())
            ? SignerName.KUBELET_SERVING
            : new SignerName(signer),
        new CsrView.Requestor(
            username, userUid, groups.equals(KUBELET_GROUPS) ? KUBELET_GROUPS : groups, extra),
        usages,
        expiration,
        meta.created(),
        request,
        types,
        certificate.length > 0,
        meta.deleting());
  }

  private CsrObject object(CsrView view, KeptMetadata others, CsrObject.Extent extent) {
    return new CsrObject(
        meta.uid(),
        meta.resourceVersion(),
        view,
        conditions,
        Bytes.copyOf(certificate),
        others,
        extent);
  }

  private static final class Condition {
    private String type = "";
    private String status = "";
    private String reason = "";
    private String message = "";
    private Instant updated = Instant.EPOCH;

    void read(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "type" -> type = JsonReading.string(parser);
        case "status" -> status = JsonReading.string(parser);
        case "reason" -> reason = JsonReading.string(parser);
        case "message" -> message = JsonReading.string(parser);
        case "lastUpdateTime" -> updated = JsonReading.time(parser);
        default -> {}
      }
    }

    void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case 1 -> type = ProtoReading.string(in);
        case 2 -> reason = ProtoReading.string(in);
        case 3 -> message = ProtoReading.string(in);
        case 4 -> updated = ProtoReading.time(in);
        case 6 -> status = ProtoReading.string(in);
        default -> {}
      }
    }

    CsrObject.Condition build() {
      return new CsrObject.Condition(
          type,
          status,
          reason,
          message,
          Optional.of(updated).filter(time -> !time.equals(Instant.EPOCH)));
    }
  }
}
