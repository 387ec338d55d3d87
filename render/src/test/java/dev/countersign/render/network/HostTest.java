package dev.countersign.render.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostTest {
  @Test
  void hostName_isNeverANumber() {
    assertThat(Host.parse("10.0.0.300")).isEmpty();
    assertThat(Host.parse("1234")).isEmpty();
    assertThat(Host.parse("a.0x1f")).isEmpty();
    assertThat(Host.parse("Node1.Example.COM")).map(Host::toString).contains("node1.example.com");
    assertThat(Host.parse("\u212aube")).isEmpty();
    assertThat(Host.parse("node1.")).isEmpty();
    assertThat(Host.parse("10.0.0.1")).map(Host::inUrl).contains("10.0.0.1");
    assertThat(Host.parse("fd00::1")).map(Host::inUrl).contains("[fd00::1]");
  }
}
