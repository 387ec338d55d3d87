package dev.countersign.scenarios.rendered;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.scenarios.fixture.KubeletCertificates;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.cluster.MovedSpec;
import dev.countersign.testbed.node.NodeAddresses;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.testkit.Tools;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dual-stack example, booted, and a real kubelet with the arguments of one of its machines. */
@RequiresRoot
@RequiresTool({"ip", "unshare"})
final class DualStackIT {
  private static final Path EXAMPLE = Path.of("../examples/clusters/bare-metal-fedora-coreos.yaml");

  @Test
  void kubelet_withNodeIpOfBothFamilies_reportsBoth_andServesForBoth(@TempDir Path directory)
      throws Exception {
    Optional<String> why = NodeAddresses.ipv6Unavailable();
    if (why.isPresent()) {
      throw Tools.missing(why.get());
    }
    try (ControlPlane plane =
            ControlPlane.start(
                ControlPlaneOptions.disposable(directory.resolve("plane"))
                    .withComponents(Set.of(Component.CONTROLLER_MANAGER)),
                TestedKubernetes.binaries(),
                MovedSpec.of(Files.readString(EXAMPLE)));
        ApiConnection operator = plane.connect();
        ApproverManager approver = approver(plane)) {
      assertThat(approver.awaitSynced(Duration.ofMinutes(2))).isTrue();
      Path machine = plane.layout().assets().resolve("nodes/node4.yaml");
      assertThat(Files.readString(machine)).contains("--node-ip=192.0.2.14,2001:db8::14");
      try (RealKubelet kubelet =
          RealKubelet.startDualStack(plane, "node4", RenderedKubelet.arguments(machine))) {
        X509Certificate serving = KubeletCertificates.awaitServed(operator, kubelet);
        List<InetAddress> both = List.of(kubelet.address(), kubelet.ipv6Address().orElseThrow());

        List<InetAddress> inCertificate = new ArrayList<>();
        for (List<?> name :
            Optional.ofNullable(serving.getSubjectAlternativeNames()).orElseThrow()) {
          if (Integer.valueOf(7).equals(name.get(0))) {
            inCertificate.add(InetAddress.getByName(String.valueOf(name.get(1))));
          }
        }
        assertThat(inCertificate).containsExactlyInAnyOrderElementsOf(both);

        List<InetAddress> ofTheNode = new ArrayList<>();
        JsonNode node = operator.get("/api/v1/nodes/node4").orThrow("reading the Node");
        for (JsonNode address : node.at("/status/addresses")) {
          if (address.path("type").asText().equals("InternalIP")) {
            ofTheNode.add(InetAddress.getByName(address.path("address").asText()));
          }
        }
        assertThat(ofTheNode).isEqualTo(both);
      }
    }
  }

  private static ApproverManager approver(ControlPlane plane) throws IOException {
    return switch (ClientCredentials.fromKubeconfig(
        plane.layout().adminKubeconfig(), Optional.empty(), InstantSource.system())) {
      case CredentialsResult.Usable(ClientCredentials credentials) ->
          ApproverManager.start(ApproverOptions.defaults(credentials, new StringWriter()));
      case CredentialsResult.Unusable(String problem) -> throw new IOException(problem);
    };
  }
}
