package dev.countersign.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.controlplane.api.Answer;
import dev.countersign.controlplane.api.ApiConnection;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.CertificateRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * Sends hostile requests as a node, and reads from the cluster, as an operator, what became of
 * them.
 */
final class CertificateRequests {
  private static final String PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final ApiConnection node;
  private final ApiConnection operator;
  private final SecureRandom random;

  /**
   * @param node who sends: the compromised node
   * @param operator who looks
   */
  CertificateRequests(ApiConnection node, ApiConnection operator, SecureRandom random) {
    this.node = node;
    this.operator = operator;
    this.random = random;
  }

  /** Sends one and waits for what becomes of it. */
  AttackOutcome send(Attack attack) throws IOException, InterruptedException {
    CertificateRequest request =
        RequestSigner.signWithExtensions(
            attack.subject(),
            attack.extensions(),
            KeyPair.generate(KeySpec.ECDSA_P256, random),
            random);
    Answer created = node.post(PATH, object(attack, request));
    if (!created.ok()) {
      return new AttackOutcome.Rejected(created.message());
    }
    JsonNode metadata = created.body().path("metadata");
    String name = metadata.path("name").asText();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<AttackOutcome> outcome = condition(name);
      if (outcome.isEmpty()) {
        outcome = event(metadata.path("uid").asText());
      }
      if (outcome.isPresent()) {
        return outcome.get();
      }
      Thread.sleep(PAUSE);
    }
    return new AttackOutcome.Silence();
  }

  private Optional<AttackOutcome> condition(String name) throws IOException, InterruptedException {
    JsonNode csr = operator.get(PATH + "/" + name).orThrow("reading request " + name);
    for (JsonNode condition : csr.path("status").path("conditions")) {
      switch (condition.path("type").asText()) {
        case "Approved" -> {
          return Optional.of(new AttackOutcome.Approved());
        }
        case "Denied" -> {
          return Optional.of(
              new AttackOutcome.Denied(
                  condition.path("reason").asText(), condition.path("message").asText()));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private Optional<AttackOutcome> event(String uid) throws IOException, InterruptedException {
    JsonNode events =
        operator
            .get("/api/v1/events?fieldSelector=involvedObject.uid%3D" + uid)
            .orThrow("reading events");
    for (JsonNode event : events.path("items")) {
      if (event.path("type").asText().equals("Warning")) {
        return Optional.of(
            new AttackOutcome.Held(event.path("reason").asText(), event.path("message").asText()));
      }
    }
    return Optional.empty();
  }

  private static ObjectNode object(Attack attack, CertificateRequest request) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1");
    csr.put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "csr-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(request.toPem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    attack.usages().forEach(spec.putArray("usages")::add);
    return csr;
  }
}
