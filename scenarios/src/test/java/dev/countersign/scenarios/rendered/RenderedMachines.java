package dev.countersign.scenarios.rendered;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.name.DnsName;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Every machine of a rendered cluster joins with the rendered bootstrap kubeconfig. */
final class RenderedMachines {
  /** Workers that claim the API server's address: before a controller has it, and after that. */
  static final List<String> PRETENDERS = List.of("early-pretender", "late-pretender");

  private static final int PORT = RealKubelet.PORT;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ControlPlane plane;
  private final ApiConnection operator;
  private final ClusterSpec spec;

  RenderedMachines(ControlPlane plane, ApiConnection operator, ClusterSpec spec) {
    this.plane = plane;
    this.operator = operator;
    this.spec = spec;
  }

  /** The Nodes' names: of controllers by the spec or, where it has none, as a cloud has them. */
  static Stream<String> names(ClusterSpec spec) {
    return Stream.concat(controllers(spec).stream(), workers(spec).stream());
  }

  private static List<String> controllers(ClusterSpec spec) {
    List<String> names = new ArrayList<>();
    spec.controlPlaneNodes().stream().map(DnsName::text).forEach(names::add);
    for (int i = names.size(); i < spec.etcdServers().size(); i++) {
      names.add("instance-" + i + ".cloud.example.com");
    }
    return names;
  }

  private static List<String> workers(ClusterSpec spec) {
    return spec.nodes().stream()
        .map(NodesSpec::workers)
        .flatMap(List::stream)
        .map(worker -> worker.domain().map(DnsName::text).orElse(worker.name() + "-0"))
        .toList();
  }

  /**
   * A worker asks for the API server's address first and does not get it; then each controller and
   * each worker gets its serving certificate, the first controller with the API server's address.
   */
  void getTheirServingCertificates() throws Exception {
    String endpoint = endpoint();
    isDeferred(PRETENDERS.getFirst(), endpoint);
    List<String> known = spec.controlPlaneNodes().stream().map(DnsName::text).toList();
    for (String name : controllers(spec)) {
      boolean first = name.equals(controllers(spec).getFirst());
      String address = first ? endpoint : plane.addresses().claim();
      try (SimulatedKubelet controller = joined(name, address)) {
        if (!known.contains(name)) {
          // What the rendering's note tells the operator of a cloud to do.
          markAsControlPlane(name);
        }
        isIssuedFor(controller, address);
      }
    }
    for (String name : workers(spec)) {
      String address = plane.addresses().claim();
      try (SimulatedKubelet worker = joined(name, address)) {
        isIssuedFor(worker, address);
      }
    }
    isDeferred(PRETENDERS.getLast(), endpoint);
  }

  private String endpoint() throws Exception {
    return operator
        .get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes")
        .orThrow("reading the API server's EndpointSlice")
        .at("/endpoints/0/addresses/0")
        .asText();
  }

  private SimulatedKubelet joined(String name, String address) throws Exception {
    SimulatedKubelet node =
        new SimulatedKubelet(
            name,
            InetAddress.getByName(address),
            plane.layout().node(name),
            RANDOM,
            OptionalInt.empty());
    node.bootstrap(plane.layout().bootstrapKubeconfig());
    node.register(PORT);
    return node;
  }

  private static void isIssuedFor(SimulatedKubelet node, String address) throws Exception {
    node.rotateServing();
    X509Certificate certificate = node.servingCertificate().orElseThrow();
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactlyInAnyOrder(node.name(), address);
  }

  private void markAsControlPlane(String name) throws Exception {
    ObjectNode label = JsonNodeFactory.instance.objectNode();
    label
        .putObject("metadata")
        .putObject("labels")
        .put("node-role.kubernetes.io/control-plane", "");
    operator.mergePatch("/api/v1/nodes/" + name, label).orThrow("labelling Node " + name);
  }

  private void isDeferred(String name, String endpoint) throws Exception {
    String address = plane.addresses().claim();
    try (SimulatedKubelet pretender = joined(name, address)) {
      pretender.writeStatus(
          List.of(InetAddress.getByName(address), InetAddress.getByName(endpoint)), PORT);
      TrialOutcome outcome =
          new CsrProbe(pretender.asNode(), operator)
              .send(
                  CsrForge.client(name).withDns(name).withIp(address).withIp(endpoint).pem(),
                  CsrProbe.SERVING_USAGES,
                  OptionalInt.empty());
      assertThat(outcome)
          .isInstanceOfSatisfying(
              TrialOutcome.Deferred.class,
              held -> assertThat(held.reason()).isEqualTo("SanProtectedByCluster"));
    }
    operator.delete("/api/v1/nodes/" + name).orThrow("deleting the Node of the pretender");
  }
}
