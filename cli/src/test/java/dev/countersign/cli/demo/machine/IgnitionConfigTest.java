package dev.countersign.cli.demo.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.x509.Bytes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Ignition files, as far as rendered ones go; and control groups, as the kernel lists them. */
final class IgnitionConfigTest {
  @Test
  void files_inBothEncodings_areRead() {
    IgnitionConfig config =
        IgnitionConfig.parse(
            """
            {"storage": {"directories": [{"path": "/etc/k", "mode": 493}], "files": [
              {"path": "/a", "mode": 384, "contents": {"compression": "", "source": "data:,x%3A+y%0A"}},
              {"path": "/b", "mode": 420, "contents": {"source": "data:;base64,eg=="}}]},
             "systemd": {"units": [{"name": "a.service", "enabled": true},
               {"name": "b.service", "contents": "[Service]\\nExecStart=/bin/true\\n",
                "dropins": [{"name": "x.conf", "contents": "[Service]\\nEnvironment=A=1\\n"}]}]}}
            """);
    assertThat(config.files())
        .containsExactly(
            new IgnitionConfig.Entry("/a", 0600, Bytes.ofUtf8("x:+y\n")),
            new IgnitionConfig.Entry("/b", 0644, Bytes.ofUtf8("z")));
    assertThat(config.directories().getFirst().mode()).isEqualTo(0755);
    assertThat(config.units()).containsOnlyKeys("b.service");
    assertThat(config.files().toString()).doesNotContain("x:");
  }

  @Test
  void contents_thatAreElsewhereOrCompressed_areRefused() {
    assertThatThrownBy(
            () ->
                IgnitionConfig.parse(
                    "{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":\"https://x\"}}]}}"))
        .hasMessageContaining("want data:");
    assertThatThrownBy(
            () ->
                IgnitionConfig.parse(
                    "{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"compression\":\"gzip\"}}]}}"))
        .hasMessageContaining("compressed contents in /a");
    assertThatThrownBy(() -> IgnitionConfig.parse("no")).hasMessageContaining("want JSON");
  }

  @Test
  void hierarchies_areMountedAgainAsTheyWere() {
    assertThat(
            MachineNamespace.hierarchies(
                """
                30 28 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
                31 28 0:27 /.. /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
                32 28 0:28 / /proc rw - proc proc rw
                33 28 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
                """))
        .containsExactly(
            new MachineNamespace.Hierarchy(Path.of("/sys/fs/cgroup/cpu"), "cgroup", "cpu"),
            new MachineNamespace.Hierarchy(
                Path.of("/sys/fs/cgroup/systemd"), "cgroup", "none,name=systemd"),
            new MachineNamespace.Hierarchy(Path.of("/sys/fs/cgroup/unified"), "cgroup2", ""));
  }
}
