package dev.countersign.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlaneFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandsTest {
  @TempDir private Path directory;

  private Commands rendered() throws Exception {
    Layout layout = new Layout(directory);
    LoopbackAllocator placement = new LoopbackAllocator("0123abcd", 20, 7);
    RenderedFiles.small()
        .write(layout, placement, 6443, KubernetesReleases.supported().byDefault());
    return new Commands(layout, placement, 6443);
  }

  @Test
  void apiServerFlags_areTheRenderedOnes_movedToThisDirectoryAndAddress() throws Exception {
    List<String> flags = rendered().flags(Component.API_SERVER, List.of());
    assertThat(flags)
        .contains(
            "--authorization-mode=Node,RBAC",
            "--enable-bootstrap-token-auth=true",
            "--client-ca-file=" + directory.resolve("pki/ca.crt"),
            "--kubelet-certificate-authority=" + directory.resolve("pki/ca.crt"),
            "--etcd-servers=https://127.20.7.1:2379",
            "--advertise-address=198.18.7.1",
            "--bind-address=127.20.7.1",
            "--secure-port=6443");
    assertThat(flags).noneMatch(flag -> flag.contains("/etc/kubernetes") || flag.contains("$("));
    assertThat(flags).doesNotHaveDuplicates();
  }

  @Test
  void extraFlag_takesThePlaceOfTheRenderedOneOfItsName() throws Exception {
    List<String> flags =
        rendered().flags(Component.CONTROLLER_MANAGER, List.of("--cluster-signing-duration=100s"));
    assertThat(flags)
        .filteredOn(flag -> flag.startsWith("--cluster-signing-duration="))
        .containsExactly("--cluster-signing-duration=100s");
  }

  @Test
  void etcd_listensOnThisAddressOnly_andSkipsFsyncOnlyWhenAsked() throws Exception {
    Map<String, Map<String, String>> disposable = rendered().etcdServers(false);
    Map<String, Map<String, String>> durable = rendered().etcdServers(true);
    assertThat(disposable).containsOnlyKeys("etcd");
    assertThat(disposable.get("etcd"))
        .containsEntry("ETCD_LISTEN_CLIENT_URLS", "https://127.20.7.1:2379")
        .containsEntry("ETCD_DATA_DIR", directory.resolve("etcd").toString())
        .containsEntry("ETCD_CLIENT_CERT_AUTH", "true")
        .containsEntry("ETCD_UNSAFE_NO_FSYNC", "true");
    assertThat(durable.get("etcd")).doesNotContainKey("ETCD_UNSAFE_NO_FSYNC");
  }

  @Test
  void severalEtcdServers_standOnAddressesOfTheirOwn_andKnowEachOther() throws Exception {
    Layout layout = new Layout(directory);
    LoopbackAllocator placement = new LoopbackAllocator("0123abcd", 20, 7);
    MovedSpec.of(
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ClusterSpec
            clusterName: mercury
            apiServers: [mercury.example.com]
            etcdServers: [b.example.com, a.example.com]
            podCidr: [10.20.0.0/14, "fd00:20::/48"]
            serviceCidr: [10.3.0.0/24, "fd00:3::/112"]
            """)
        .write(layout, placement, 6443, KubernetesReleases.supported().byDefault());
    Commands commands = new Commands(layout, placement, 6443);
    Map<String, Map<String, String>> servers = commands.etcdServers(true);
    assertThat(servers).containsOnlyKeys("etcd", "etcd-etcd1");
    assertThat(servers.get("etcd-etcd1"))
        .containsEntry("ETCD_LISTEN_CLIENT_URLS", "https://127.20.7.2:2379")
        .containsEntry("ETCD_DATA_DIR", directory.resolve("etcd/etcd1").toString())
        .containsEntry(
            "ETCD_INITIAL_CLUSTER", "etcd0=https://127.20.7.1:2380,etcd1=https://127.20.7.2:2380");
    assertThat(commands.flags(Component.API_SERVER, List.of()))
        .contains("--etcd-servers=https://127.20.7.1:2379,https://127.20.7.2:2379");
    assertThat(Files.readString(layout.bootstrapKubeconfig())).contains("https://127.20.7.1:6443");
  }

  @Test
  void manifestWithoutCommand_isRefusedByItsPath() throws Exception {
    Commands commands = rendered();
    Path manifest = directory.resolve("assets/static-manifests/kube-scheduler.yaml");
    Files.writeString(manifest, "spec:\n  containers:\n  - name: x\n");
    assertThatThrownBy(() -> commands.flags(Component.SCHEDULER, List.of()))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessage(manifest + ": got no spec.containers[0].command; want a program and its flags");
  }

  @Test
  void placement_dependsOnTheDirectory_andDiffersByAttempt() {
    LoopbackAllocator first = LoopbackAllocator.of(Path.of("/a"), 0);
    assertThat(LoopbackAllocator.of(Path.of("/a"), 0)).isEqualTo(first);
    assertThat(LoopbackAllocator.of(Path.of("/a"), 1)).isNotEqualTo(first);
    assertThat(LoopbackAllocator.of(Path.of("/b"), 0)).isNotEqualTo(first);
    assertThat(first.loopback()).startsWith("127.").doesNotStartWith("127.0.");
    assertThat(first.nodeAddress(2)).matches("198\\.1[89]\\.\\d+\\.2");
  }
}
