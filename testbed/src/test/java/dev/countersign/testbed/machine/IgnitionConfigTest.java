package dev.countersign.testbed.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
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
}
