package dev.countersign.approver.csr;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.KeptMetadata;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
   * One of {@code status.conditions}.
   *
   * @param lastUpdateTime as written, possibly empty
   * @param lastTransitionTime as written, possibly empty
   */
  public record Condition(
      String type,
      String status,
      String reason,
      String message,
      String lastUpdateTime,
      String lastTransitionTime) {}

  private static final List<String> KUBELET_GROUPS =
      List.of("system:nodes", "system:authenticated");

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
  public static CsrObject decode(JsonParser parser) throws IOException {
    return decode(parser, uid -> false);
  }

  /**
   * Reads one.
   *
   * @param metadataSuffices whether the rest of the request with that uid, which Kubernetes writes
   *     after the metadata, is left out; what comes of that is not {@link #pending}. Asked once, so
   *     that never a part of the rest is read
   */
  public static CsrObject decode(JsonParser parser, Predicate<String> metadataSuffices)
      throws IOException {
    Fields fields = new Fields();
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "metadata" -> {
              fields.metadata(parser);
              fields.metadataOnly = metadataSuffices.test(fields.uid);
            }
            case "spec" -> fields.spec(parser);
            case "status" -> fields.status(parser);
            default -> {}
          }
        });
    return fields.build();
  }

  private static final class Fields {
    private String name = "";
    private String uid = "";
    private String version = "";
    private Instant created = Instant.EPOCH;
    private String signer = "";
    private String username = "";
    private String userUid = "";
    private List<String> groups = List.of();
    private final Map<String, List<String>> extra = new HashMap<>();
    private List<String> usages = List.of();
    private Optional<Duration> expiration = Optional.empty();
    private byte[] request = new byte[0];
    private final List<Condition> conditions = new ArrayList<>(2);
    private final Map<String, String> kept = new HashMap<>(2);
    private byte[] certificate = new byte[0];
    private boolean metadataOnly;

    void metadata(JsonParser parser) throws IOException {
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "name" -> name = JsonReading.string(parser);
              case "uid" -> uid = JsonReading.string(parser);
              case "resourceVersion" -> version = JsonReading.string(parser);
              case "creationTimestamp" -> created = JsonReading.time(parser);
              default -> {
                if (KeptMetadata.keeps(field)) {
                  kept.put(field, KeptMetadata.read(parser));
                }
              }
            }
          });
    }

    void spec(JsonParser parser) throws IOException {
      if (metadataOnly) {
        return;
      }
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "request" -> request = binary(parser);
              case "signerName" -> signer = JsonReading.string(parser);
              case "username" -> username = JsonReading.string(parser);
              case "uid" -> userUid = JsonReading.string(parser);
              case "groups" -> {
                List<String> read = JsonReading.strings(parser);
                groups = read.equals(KUBELET_GROUPS) ? KUBELET_GROUPS : read;
              }
              case "usages" -> usages = JsonReading.strings(parser);
              case "expirationSeconds" ->
                  expiration = Optional.of(Duration.ofSeconds(JsonReading.number(parser)));
              case "extra" ->
                  JsonReading.object(parser, key -> extra.put(key, JsonReading.strings(parser)));
              default -> {}
            }
          });
    }

    void status(JsonParser parser) throws IOException {
      if (metadataOnly) {
        return;
      }
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "certificate" -> certificate = binary(parser);
              case "conditions" ->
                  JsonReading.array(parser, () -> conditions.add(condition(parser)));
              default -> {}
            }
          });
    }

    private static byte[] binary(JsonParser parser) throws IOException {
      return parser.currentToken() == JsonToken.VALUE_STRING
          ? parser.getBinaryValue()
          : new byte[0];
    }

    private static Condition condition(JsonParser parser) throws IOException {
      Map<String, String> text = new HashMap<>();
      JsonReading.object(
          parser,
          field -> {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
              text.put(field, parser.getText());
            }
          });
      return new Condition(
          text.getOrDefault("type", ""),
          text.getOrDefault("status", ""),
          text.getOrDefault("reason", ""),
          text.getOrDefault("message", ""),
          text.getOrDefault("lastUpdateTime", ""),
          text.getOrDefault("lastTransitionTime", ""));
    }

    CsrObject build() {
      // certificates.k8s.io/v1 allows a condition of these types with status True only.
      List<String> types = new ArrayList<>(conditions.size());
      conditions.forEach(condition -> types.add(condition.type()));
      CsrView view =
          new CsrView(
              name,
              signer.equals(SignerName.KUBELET_SERVING.text())
                  ? SignerName.KUBELET_SERVING
                  : new SignerName(signer),
              new CsrView.Requestor(username, userUid, groups, extra),
              usages,
              expiration,
              created,
              Bytes.copyOf(request),
              types,
              certificate.length > 0);
      return new CsrObject(
          uid, version, view, conditions, Bytes.copyOf(certificate), new KeptMetadata(kept));
    }
  }
}
