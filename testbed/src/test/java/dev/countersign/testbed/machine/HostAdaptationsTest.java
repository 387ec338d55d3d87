package dev.countersign.testbed.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import dev.countersign.testbed.cluster.RenderedFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo changes in rendered files: these lines and no others. */
final class HostAdaptationsTest {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ClusterSpec
      clusterName: venus
      apiServers: [venus.example.com]
      etcdServers: [venus-etcd0.example.com]
      nodes:
        platform: google-cloud
        os: fedora-coreos
        sshAuthorizedKeys:
        - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a nobody
        controllers:
        - name: controller
        workers:
        - name: worker
      """;

  @TempDir private Path directory;

  private final Differences differences = new Differences();

  @BeforeEach
  void render() throws Exception {
    RenderedFiles.render(SPEC, directory, new SecureRandom(), InstantSource.system());
  }

  @Test
  void worker_isChangedInTheseLinesOnly() throws Exception {
    Map<String, List<String>> changes = changes("worker", ControlGroups.Version.ONE);
    assertThat(changes)
        .containsOnlyKeys(
            "/etc/kubernetes/kubelet.yaml",
            "/etc/containerd/config.toml",
            "/etc/kubernetes/delete-node");
    assertThat(changes.get("/etc/kubernetes/kubelet.yaml"))
        .containsExactly(
            "- cgroupDriver: systemd",
            "- shutdownGracePeriod: 45s",
            "- shutdownGracePeriodCriticalPods: 30s",
            "+ cgroupDriver: cgroupfs",
            "+ failSwapOn: false",
            "+ failCgroupV1: false");
    assertThat(changes.get("/etc/kubernetes/delete-node"))
        .containsExactly("- --cgroups disabled \\");
    assertThat(changes.get("/etc/containerd/config.toml"))
        .containsExactly(
            "- oom_score = -999",
            "- enable_selinux = true",
            "- SystemdCgroup = true",
            "+ oom_score = 0",
            "+ enable_selinux = false",
            "+ restrict_oom_score_adj = true",
            "+ sandbox_image = \"localhost/countersign/tools:1.0.0\"",
            "+ SystemdCgroup = false");
    assertThat(differences.sentences()).hasSize(4);
  }

  @Test
  void controller_isChangedInTheSame_andHasNoLabels() throws Exception {
    Map<String, List<String>> changes = changes("controller", ControlGroups.Version.ONE);
    assertThat(changes)
        .containsOnlyKeys(
            "/etc/kubernetes/kubelet.yaml", "/etc/containerd/config.toml", "/opt/bootstrap/layout");
    assertThat(changes.get("/opt/bootstrap/layout"))
        .singleElement()
        .asString()
        .startsWith("- chcon ");
  }

  @Test
  void controlGroupsOfVersionTwo_needNoException() throws Exception {
    assertThat(changes("worker", ControlGroups.Version.TWO).get("/etc/kubernetes/kubelet.yaml"))
        .contains("+ failSwapOn: false")
        .doesNotContain("+ failCgroupV1: false");
    assertThat(differences.sentences()).noneMatch(each -> each.contains("version 1"));
  }

  @Test
  void lineThatIsNotRenderedAnyMore_isAnError() {
    assertThatThrownBy(
            () ->
                new HostAdaptations(ControlGroups.Version.ONE, differences)
                    .content(
                        new IgnitionConfig.Entry(
                            "/opt/bootstrap/layout", 0544, Bytes.ofUtf8("#!/bin/bash\n"))))
        .hasMessageContaining("/opt/bootstrap/layout: got no line chcon");
  }

  /** By path, the lines that went and then those that came. */
  private Map<String, List<String>> changes(String machine, ControlGroups.Version groups)
      throws Exception {
    HostAdaptations bent = new HostAdaptations(groups, differences);
    Map<String, List<String>> changes = new TreeMap<>();
    for (IgnitionConfig.Entry file :
        IgnitionConfig.parse(Files.readString(directory.resolve("nodes/" + machine + ".ign")))
            .files()) {
      List<String> before = lines(file.content());
      List<String> after = lines(bent.content(file));
      List<String> changed = new ArrayList<>();
      before.stream().filter(line -> !after.contains(line)).forEach(l -> changed.add("- " + l));
      after.stream().filter(line -> !before.contains(line)).forEach(l -> changed.add("+ " + l));
      if (!changed.isEmpty()) {
        changes.put(file.path(), changed);
      }
    }
    return changes;
  }

  private static List<String> lines(Bytes content) {
    return Arrays.stream(new String(content.toByteArray(), StandardCharsets.UTF_8).split("\n", -1))
        .map(String::strip)
        .toList();
  }
}
