package dev.countersign.testbed.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sends hostile requests as a node, and reads from the cluster, as an operator, what became of
 * them.
 */
public final class CsrProbe {
  /** The usages that a kubelet asks for with a key that is not RSA. */
  public static final List<String> SERVING_USAGES = List.of("digital signature", "server auth");

  /** Where requests are on an API server. */
  public static final String PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final ApiConnection node;
  private final ApiConnection operator;

  /**
   * @param node who sends: the compromised node
   * @param operator who looks
   */
  public CsrProbe(ApiConnection node, ApiConnection operator) {
    this.node = node;
    this.operator = operator;
  }

  /**
   * Sends one and waits for what becomes of it.
   *
   * @param pem of the request
   * @param usages of the CSR object
   * @param expirationSeconds of the CSR object
   */
  public TrialOutcome send(String pem, List<String> usages, OptionalInt expirationSeconds)
      throws IOException, InterruptedException {
    Answer created =
        node.post(PATH, request("kubernetes.io/kubelet-serving", pem, usages, expirationSeconds));
    if (!created.ok()) {
      return new TrialOutcome.Rejected(created.message());
    }
    JsonNode metadata = created.body().path("metadata");
    String name = metadata.path("name").asText();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<TrialOutcome> outcome = outcome(name, metadata.path("uid").asText());
      if (outcome.isPresent()) {
        return outcome.get();
      }
      Thread.sleep(PAUSE);
    }
    return new TrialOutcome.Silence();
  }

  /** What has become of a request; empty while nothing has. */
  public Optional<TrialOutcome> outcome(String name, String uid)
      throws IOException, InterruptedException {
    Optional<TrialOutcome> outcome = condition(name);
    if (outcome.isPresent()) {
      return outcome;
    }
    // A denial is written before its Event: seen in this order, the condition is looked at once
    // more.
    Optional<TrialOutcome> event = event(uid);
    return event.isPresent() ? condition(name).or(() -> event) : event;
  }

  private Optional<TrialOutcome> condition(String name) throws IOException, InterruptedException {
    JsonNode csr = operator.get(PATH + "/" + name).orThrow("reading request " + name);
    for (JsonNode condition : csr.path("status").path("conditions")) {
      switch (condition.path("type").asText()) {
        case "Approved" -> {
          return Optional.of(new TrialOutcome.Approved());
        }
        case "Denied" -> {
          return Optional.of(
              new TrialOutcome.Denied(
                  condition.path("reason").asText(), condition.path("message").asText()));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private Optional<TrialOutcome> event(String uid) throws IOException, InterruptedException {
    JsonNode events =
        operator
            .get("/api/v1/events?fieldSelector=involvedObject.uid%3D" + uid)
            .orThrow("reading events");
    for (JsonNode event : events.path("items")) {
      if (event.path("type").asText().equals("Warning")) {
        return Optional.of(
            new TrialOutcome.Deferred(
                event.path("reason").asText(), event.path("message").asText()));
      }
    }
    return Optional.empty();
  }

  /** A CertificateSigningRequest, to be named by the API server. */
  public static ObjectNode request(
      String signer, String pem, List<String> usages, OptionalInt expirationSeconds) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1");
    csr.put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "csr-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request", Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", signer);
    usages.forEach(spec.putArray("usages")::add);
    expirationSeconds.ifPresent(seconds -> spec.put("expirationSeconds", seconds));
    return csr;
  }
}
