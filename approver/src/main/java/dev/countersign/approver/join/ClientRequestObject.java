package dev.countersign.approver.join;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.KeptMetadata;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.x509.request.CertificateRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A CertificateSigningRequest for a kubelet's client certificate, as read from the API.
 *
 * @param name metadata.name
 * @param resourceVersion metadata.resourceVersion
 * @param conditions those it has, each as its fields; kept when one is added
 * @param issued whether status.certificate is there
 * @param attestation the evidence its annotation carries
 * @param request what the policy judges
 */
record ClientRequestObject(
    String name,
    String resourceVersion,
    List<Map<String, String>> conditions,
    boolean issued,
    Optional<String> attestation,
    KeptMetadata kept,
    JoinRequest request)
    implements Versioned {
  ClientRequestObject {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(resourceVersion, "resourceVersion");
    conditions = List.copyOf(conditions);
    Objects.requireNonNull(attestation, "attestation");
    Objects.requireNonNull(kept, "kept");
    Objects.requireNonNull(request, "request");
  }

  /** Whether nobody has decided yet. */
  boolean pending() {
    return !issued
        && conditions.stream()
            .noneMatch(
                condition ->
                    switch (condition.getOrDefault("type", "")) {
                      case "Approved", "Denied", "Failed" -> true;
                      default -> false;
                    });
  }

  static ClientRequestObject decode(JsonParser parser) throws IOException {
    var read =
        new Object() {
          String name = "";
          String uid = "";
          String version = "";
          String created = "";
          String username = "";
          String pem = "";
          List<String> groups = List.of();
          List<String> usages = List.of();
          final List<Map<String, String>> conditions = new ArrayList<>();
          final Map<String, String> kept = new HashMap<>(2);
          boolean issued;
          Optional<String> attestation = Optional.empty();
        };
    JsonReading.object(
        parser,
        part -> {
          switch (part) {
            case "metadata" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "name" -> read.name = JsonReading.string(parser);
                        case "uid" -> read.uid = JsonReading.string(parser);
                        case "resourceVersion" -> read.version = JsonReading.string(parser);
                        case "creationTimestamp" -> read.created = JsonReading.string(parser);
                        default -> {
                          if (KeptMetadata.keeps(field)) {
                            read.kept.put(field, KeptMetadata.read(parser));
                          }
                        }
                      }
                    });
            case "spec" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "username" -> read.username = JsonReading.string(parser);
                        case "groups" -> read.groups = JsonReading.strings(parser);
                        case "usages" -> read.usages = JsonReading.strings(parser);
                        case "request" ->
                            read.pem =
                                parser.currentToken() == JsonToken.VALUE_STRING
                                    ? new String(parser.getBinaryValue(), StandardCharsets.UTF_8)
                                    : "";
                        default -> {}
                      }
                    });
            case "status" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "certificate" ->
                            read.issued = parser.currentToken() == JsonToken.VALUE_STRING;
                        case "conditions" ->
                            JsonReading.array(
                                parser,
                                () -> {
                                  Map<String, String> condition = new HashMap<>();
                                  JsonReading.object(
                                      parser,
                                      key -> {
                                        if (parser.currentToken() == JsonToken.VALUE_STRING) {
                                          condition.put(key, parser.getText());
                                        }
                                      });
                                  read.conditions.add(Map.copyOf(condition));
                                });
                        default -> {}
                      }
                    });
            default -> {}
          }
        });
    String annotations = read.kept.get("annotations");
    if (annotations != null) {
      read.attestation = attestation(annotations);
    }
    Instant created;
    try {
      created = read.created.isEmpty() ? Instant.EPOCH : Instant.parse(read.created);
    } catch (DateTimeException e) {
      throw new IOException("metadata.creationTimestamp: got no time", e);
    }
    return new ClientRequestObject(
        read.name,
        read.version,
        read.conditions,
        read.issued,
        read.attestation,
        new KeptMetadata(read.kept),
        new JoinRequest(
            read.uid,
            created,
            read.username,
            new LinkedHashSet<>(read.groups),
            read.usages,
            CertificateRequest.parsePem(read.pem)));
  }

  private static Optional<String> attestation(String annotations) throws IOException {
    try (JsonParser parser =
        JsonReading.parser(
            new ByteArrayInputStream(annotations.getBytes(StandardCharsets.UTF_8)))) {
      parser.nextToken();
      return Optional.ofNullable(JsonReading.stringMap(parser).get(Attestation.ANNOTATION));
    }
  }
}
