package dev.countersign.render.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.common.ParseResult;
import dev.countersign.render.Specs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.testkit.GoldenFiles;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The policy that has a machine refuse a kubelet image without a signature. */
class KubeletImagePolicyTest {
  private static final String KEY =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErIz51JPsm/4LHhauQcmzBZDZvN6p
      3vY3nKTQUGnlP5RDsOk5Eel40K5EnCEOyDeEUNLlw/lb3VJbbkkU6xw5UA==
      -----END PUBLIC KEY-----
      """;

  private static String withKey(OperatingSystem os, String key) {
    return Specs.withNodes(Platform.GOOGLE_CLOUD, os)
        .replace("  controllers:\n", "  kubeletImageKey: |\n" + key.indent(4) + "  controllers:\n");
  }

  private static Map<String, NodeFile> policy(String yaml) {
    ClusterSpec spec = Specs.parse(yaml);
    Map<String, NodeFile> files = new TreeMap<>();
    for (NodeRole role : NodeRole.values()) {
      for (NodeFile file :
          new NodeConfigBuilder(spec, spec.nodes().orElseThrow(), role, 0, Optional.empty())
              .build()
              .files()) {
        if (file.path().startsWith("/etc/containers/")) {
          files.put(file.path(), file);
        }
      }
    }
    return files;
  }

  @Test
  void machinesWithAKey_checkTheRepositoriesOfTheKubelet() throws Exception {
    Map<String, NodeFile> files = policy(withKey(OperatingSystem.FEDORA_COREOS, KEY));
    assertThat(files.keySet())
        .containsExactly(
            "/etc/containers/policy.json", "/etc/containers/registries.d/kubelet-image.yaml");
    GoldenFiles golden = GoldenFiles.in("src/test/golden/kubelet-image-policy");
    files.forEach(
        (path, file) ->
            golden.assertMatches(
                path.substring(path.lastIndexOf('/') + 1), file.contents().orElseThrow().reveal()));
    NodeFile policy = files.values().iterator().next();
    // Fedora CoreOS brings one, which accepts everything.
    assertThat(policy.overwrite()).contains(true);
    assertThat(
            new ObjectMapper()
                .readTree(policy.contents().orElseThrow().reveal())
                .at("/transports/docker")
                .fieldNames())
        .toIterable()
        .containsExactly("docker.io/psdn/kubelet", "quay.io/poseidon/kubelet");
  }

  @Test
  void machinesWithoutAKey_keepTheSystemsPolicy() {
    assertThat(policy(Specs.withNodes(Platform.GOOGLE_CLOUD, OperatingSystem.FEDORA_COREOS)))
        .isEmpty();
  }

  @Test
  void keyThatIsNotChecked_orIsNone_isRefused() {
    assertThat(problem(withKey(OperatingSystem.FLATCAR, KEY)))
        .contains("nodes.kubeletImageKey")
        .contains("a key on flatcar-linux")
        .contains("os fedora-coreos, whose Podman checks signatures");
    assertThat(problem(withKey(OperatingSystem.FEDORA_COREOS, KEY.replace("DAQcD", "DAQYD"))))
        .contains("an ECDSA P-256 public key in PEM, as cosign.pub has it");
    assertThat(problem(withKey(OperatingSystem.FEDORA_COREOS, KEY.replace("PUBLIC", "PRIVATE"))))
        .contains("an ECDSA P-256 public key in PEM");
  }

  private static String problem(String yaml) {
    return ClusterSpec.parse(yaml) instanceof ParseResult.Refused<ClusterSpec>(var errors)
        ? errors.toString()
        : "accepted";
  }
}
