package dev.countersign.cluster.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cluster.connect.ApiFailure;
import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.IssuedCertificates;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.x509.certificate.Certificate;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Asks kubelets through the API server. */
final class NodeDiagnostics {
  private static final int PARALLEL = 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Seconds until the client certificate ends; {@code +Inf} where there is none (kubelet.go). */
  private static final String CLIENT_TTL = "kubelet_certificate_manager_client_ttl_seconds ";

  private final KubernetesClient client;
  private final InstantSource clock;
  private final boolean readsMetrics;

  /**
   * A collector for the nodes of one cluster.
   *
   * @param readsMetrics whether kubelets are asked for their metrics, too, where no request tells
   *     of their client certificate any more
   */
  NodeDiagnostics(KubernetesClient client, InstantSource clock, boolean readsMetrics) {
    this.client = Objects.requireNonNull(client, "client");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.readsMetrics = readsMetrics;
  }

  private record Asked(Kubelet kubelet, Optional<CertificateValidity> client) {}

  /** Asks them all, several at once; in the order of the nodes. */
  List<NodeView> views(
      List<Node> nodes,
      IssuedCertificates issued,
      Map<String, NodeReport> served,
      Map<String, Instant> contacts) {
    Map<String, Asked> asked = new ConcurrentHashMap<>();
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.clamp(nodes.size(), 1, PARALLEL), Thread.ofVirtual().factory())) {
      for (Node node : nodes) {
        String name = node.getMetadata().getName();
        executor.execute(() -> asked.put(name, ask(name, issued)));
      }
    }
    return nodes.stream()
        .map(
            node -> {
              String name = node.getMetadata().getName();
              Asked found =
                  asked.getOrDefault(
                      name, new Asked(new Kubelet.NotAsked("interrupted"), Optional.empty()));
              return new NodeView(
                  name,
                  addresses(node),
                  Optional.ofNullable(contacts.get(name)),
                  found.kubelet(),
                  Optional.ofNullable(served.get(name)),
                  Optional.ofNullable(issued.serving().get(name)).map(NodeReport.Served::of),
                  found.client());
            })
        .toList();
  }

  private Asked ask(String node, IssuedCertificates issued) {
    Kubelet kubelet = kubelet(node);
    Certificate known = issued.client().get(node);
    if (known != null) {
      return new Asked(kubelet, Optional.of(CertificateValidity.of(known)));
    }
    // one that did not tell its configuration tells no metrics either
    return new Asked(
        kubelet,
        readsMetrics && kubelet instanceof Kubelet.Configured
            ? clientCertificate(node)
            : Optional.empty());
  }

  private Optional<CertificateValidity> clientCertificate(String node) {
    try {
      String metrics = client.raw("/api/v1/nodes/" + node + "/proxy/metrics");
      return clientTtl(Objects.requireNonNullElse(metrics, ""))
          .map(ttl -> new CertificateValidity(Optional.empty(), clock.instant().plus(ttl)));
    } catch (KubernetesClientException e) {
      return Optional.empty();
    }
  }

  /** How long the client certificate is still valid, by a kubelet's metrics; whole seconds. */
  static Optional<Duration> clientTtl(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(CLIENT_TTL))
        .map(line -> line.substring(CLIENT_TTL.length()).strip())
        .filter(value -> value.matches("-?[0-9.]{1,15}(e[+]?[0-9]{1,2})?"))
        .map(value -> Duration.ofSeconds(Math.round(Double.parseDouble(value))))
        .filter(ttl -> ttl.abs().toDays() < 365_000)
        .findFirst();
  }

  private static List<String> addresses(Node node) {
    List<NodeAddress> addresses =
        node.getStatus() == null || node.getStatus().getAddresses() == null
            ? List.of()
            : node.getStatus().getAddresses();
    return addresses.stream()
        .filter(address -> !"Hostname".equals(address.getType()))
        .map(NodeAddress::getAddress)
        .distinct()
        .toList();
  }

  private Kubelet kubelet(String node) {
    try {
      // null where it answers 404
      String answer = client.raw("/api/v1/nodes/" + node + "/proxy/configz");
      if (answer == null) {
        return new Kubelet.NotAsked("its /configz responds with 404");
      }
      JsonNode config = JSON.readTree(answer).path("kubeletconfig");
      return new Kubelet.Configured(
          config.path("serverTLSBootstrap").asBoolean(false),
          config.path("rotateCertificates").asBoolean(false));
    } catch (KubernetesClientException e) {
      String message =
          e.getStatus() != null && e.getStatus().getMessage() != null
              ? e.getStatus().getMessage()
              : String.valueOf(e.getMessage());
      if (message.contains("x509:") || message.contains("tls:")) {
        return new Kubelet.NotTrusted(message);
      }
      return switch (e.getCode()) {
        case 401 -> new Kubelet.Refused(401);
        case 403 ->
            message.contains("nodes \"" + node + "\" is forbidden")
                ? new Kubelet.NotAsked(
                    "you cannot get nodes/proxy; check with kubectl auth can-i get nodes/proxy")
                : new Kubelet.Refused(403);
        case 0 -> new Kubelet.NotAsked(ApiFailure.explain(e));
        default -> new Kubelet.Unreachable(message);
      };
    } catch (IOException e) {
      return new Kubelet.NotAsked("its /configz is not JSON");
    }
  }
}
