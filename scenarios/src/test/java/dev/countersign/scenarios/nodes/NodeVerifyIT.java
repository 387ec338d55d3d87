package dev.countersign.scenarios.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.approver.ApproverManager;
import dev.countersign.scenarios.fixture.ChosenKubelet;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code node verify} sees what a kubelet serves. */
@OnControlPlane
class NodeVerifyIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void honestKubelet_passes(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet node = cluster.registeredNode()) {
      node.serve(Cluster.KUBELET_PORT);

      Command table = cluster.command("node", "verify", node.name());
      assertThat(table.status()).as(table.err()).isZero();
      assertThat(table.out()).containsPattern(node.name() + " .* ok\n");
      JsonNode report = item(cluster.command("node", "verify", node.name(), "-o", "json"));
      assertThat(report.at("/findings")).isEmpty();
      assertThat(report.at("/certificate/serial").asText())
          .isEqualTo(node.servingCertificate().orElseThrow().getSerialNumber().toString(16));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void wrongCertificates_areEachFoundForWhatTheyAre(Cluster cluster) throws Exception {
    CertificateAuthority own = ChosenKubelet.clusterAuthority(cluster);
    Instant now = Instant.now();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      SubjectAltName name = new SubjectAltName.Dns(node.name());
      SubjectAltName address = SubjectAltName.Ip.of(node.address());
      Identity good = ChosenKubelet.issue(own, node.name(), name, address);
      Map<String, Identity> wrong = new LinkedHashMap<>();
      wrong.put(
          "NOT_VALID_NOW",
          ChosenKubelet.issue(
              own, node.name(), now.minusSeconds(90), Duration.ofSeconds(30), name, address));
      wrong.put(
          "FOREIGN_NAME",
          ChosenKubelet.issue(
              own, node.name(), name, address, new SubjectAltName.Dns("kubernetes")));
      wrong.put("ADDRESS_NOT_NAMED", ChosenKubelet.issue(own, node.name(), name));
      wrong.put("OTHER_SUBJECT", ChosenKubelet.issue(own, "somebody", name, address));
      wrong.put(
          "UNTRUSTED",
          ChosenKubelet.issue(ChosenKubelet.foreignAuthority(), node.name(), name, address));
      wrong.put(
          "EXPIRES_SOON",
          ChosenKubelet.issue(own, node.name(), now, Duration.ofMinutes(30), name, address));
      try (ChosenKubelet kubelet = ChosenKubelet.start(node.address(), good)) {
        assertThat(cluster.command("node", "verify", node.name()).status()).isZero();
        for (Map.Entry<String, Identity> one : wrong.entrySet()) {
          kubelet.show(one.getValue());
          Command verify = cluster.command("node", "verify", node.name(), "-o", "json");
          List<String> causes = new ArrayList<>();
          item(verify).path("findings").forEach(found -> causes.add(found.at("/cause").asText()));
          assertThat(causes).as(one.getKey()).containsExactly(one.getKey());
          assertThat(verify.status()).isEqualTo(3);
        }
        Command table = cluster.command("node", "verify", node.name());
        assertThat(table.out()).contains("EXPIRES_SOON");
        assertThat(table.err()).contains("got valid until");
      }
      assertThat(cluster.command("node", "verify", node.name()).out()).contains("UNREACHABLE");
    }
  }

  @Test
  void namesThatAreNone_areRefusedAsUsage(Cluster cluster) {
    assertThat(cluster.command("node", "verify", "nobody").status()).isEqualTo(2);
    assertThat(cluster.command("node", "verify").status()).isEqualTo(2);
    assertThat(cluster.command("node", "verify", "--all", "nobody").status()).isEqualTo(2);
  }

  private static JsonNode item(Command command) throws Exception {
    return JSON.readTree(command.out()).path("items").path(0);
  }
}
