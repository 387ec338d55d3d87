package dev.countersign.cluster.node;

import dev.countersign.cluster.node.NodeReport.Cause;
import dev.countersign.cluster.node.NodeReport.Finding;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.authority.ChainVerifier;
import dev.countersign.x509.certificate.Certificate;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Dials kubelets and compares what they serve with their Nodes and with what was issued. It needs a
 * route to the nodes: the API server's proxy does not show certificates.
 */
public final class NodeVerifier {
  private static final List<String> TYPES =
      List.of("InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS", "Hostname");
  private static final int PARALLEL = 32;

  private final KubernetesClient client;
  private final ChainVerifier authorities;
  private final InstantSource clock;
  private final Duration dialLimit;
  private final Duration warnWithin;

  /**
   * A verifier.
   *
   * @param authorities the cluster's, which sign kubelets' certificates
   * @param dialLimit how long to wait for one kubelet
   * @param warnWithin a certificate that ends within is a finding
   */
  public NodeVerifier(
      KubernetesClient client,
      List<Certificate> authorities,
      InstantSource clock,
      Duration dialLimit,
      Duration warnWithin) {
    this.client = Objects.requireNonNull(client, "client");
    this.authorities = ChainVerifier.trusting(authorities);
    this.clock = Objects.requireNonNull(clock, "clock");
    this.dialLimit = Objects.requireNonNull(dialLimit, "dialLimit");
    this.warnWithin = Objects.requireNonNull(warnWithin, "warnWithin");
  }

  /** Verifies nodes, several at once; reports come in the order of the nodes. */
  public List<NodeReport> verify(List<Node> nodes) {
    return verify(
        nodes,
        IssuedCertificates.in(
            client
                .certificates()
                .v1()
                .certificateSigningRequests()
                .withField("spec.signerName", SignerName.KUBELET_SERVING.text())
                .list()
                .getItems()));
  }

  /** Does the same for whoever has read the requests already. */
  public List<NodeReport> verify(List<Node> nodes, IssuedCertificates issued) {
    Map<String, NodeReport> reports = new ConcurrentHashMap<>();
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.clamp(nodes.size(), 1, PARALLEL), Thread.ofVirtual().factory())) {
      for (Node node : nodes) {
        executor.execute(
            () ->
                reports.put(
                    node.getMetadata().getName(),
                    verify(
                        node,
                        Optional.ofNullable(issued.serving().get(node.getMetadata().getName())))));
      }
    }
    List<NodeReport> ordered = new ArrayList<>();
    for (Node node : nodes) {
      NodeReport report = reports.get(node.getMetadata().getName());
      if (report != null) {
        ordered.add(report);
      }
    }
    return ordered;
  }

  private NodeReport verify(Node node, Optional<Certificate> lastIssued) {
    String name = node.getMetadata().getName();
    Optional<String> host = dialAddress(node);
    if (host.isEmpty()) {
      return new NodeReport(
          name,
          Optional.empty(),
          Optional.empty(),
          List.of(
              new Finding(
                  Cause.NO_ADDRESS,
                  "no address in status.addresses",
                  "at least one",
                  "look whether its kubelet runs: countersign node doctor " + name)),
          List.of());
    }
    int port = kubeletPort(node);
    String endpoint = endpoint(host.get(), port);
    return switch (ServedChain.dial(host.get(), port, dialLimit)) {
      case ServedChain.None(String why) ->
          new NodeReport(
              name,
              Optional.of(endpoint),
              Optional.empty(),
              List.of(
                  new Finding(
                      Cause.UNREACHABLE,
                      why,
                      "a TLS handshake",
                      "check that the kubelet runs and that there is a route to it from here")),
              List.of());
      case ServedChain.Shown(List<Certificate> chain) -> {
        List<String> notes = new ArrayList<>();
        if (lastIssued.isEmpty()) {
          notes.add(
              "not compared with the last request: none with a certificate is left (Kubernetes"
                  + " deletes them after an hour)");
        }
        yield new NodeReport(
            name,
            Optional.of(endpoint),
            Optional.of(NodeReport.Served.of(chain.getFirst())),
            new ServingVerdict(authorities, clock.instant(), warnWithin)
                .judge(name, addresses(node), host.get(), chain, lastIssued),
            notes);
      }
    };
  }

  /** The address the API server would prefer, by its usual order. */
  public static Optional<String> dialAddress(Node node) {
    for (String type : TYPES) {
      for (NodeAddress address : nodeAddresses(node)) {
        if (type.equals(address.getType())) {
          return Optional.of(address.getAddress());
        }
      }
    }
    return Optional.empty();
  }

  /** Host and port in one text. */
  public static String endpoint(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Where the kubelet says it listens, or 10250. */
  public static int kubeletPort(Node node) {
    NodeStatus status = node.getStatus();
    if (status == null
        || status.getDaemonEndpoints() == null
        || status.getDaemonEndpoints().getKubeletEndpoint() == null
        || status.getDaemonEndpoints().getKubeletEndpoint().getPort() == null) {
      return 10250;
    }
    int port = status.getDaemonEndpoints().getKubeletEndpoint().getPort();
    return port == 0 ? 10250 : port;
  }

  static Set<String> addresses(Node node) {
    Set<String> addresses = new LinkedHashSet<>();
    nodeAddresses(node).forEach(a -> addresses.add(ServingVerdict.normal(a.getAddress())));
    return addresses;
  }

  private static List<NodeAddress> nodeAddresses(Node node) {
    NodeStatus status = node.getStatus();
    return status == null || status.getAddresses() == null ? List.of() : status.getAddresses();
  }
}
