package dev.countersign.testbed.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcessIdentityTest {
  @Test
  void ownProcess_isAlive() {
    assertThat(ProcessIdentity.self().isAlive()).isTrue();
  }

  @Test
  void samePidOfAnotherTime_isAnotherProcess() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    try {
      ProcessIdentity real = ProcessIdentity.of(sleep.pid()).orElseThrow();
      ProcessIdentity foreign =
          new ProcessIdentity(real.pid(), real.startTicks() - 1, real.bootId());
      assertThat(foreign.isAlive()).isFalse();
      assertThat(foreign.end(1)).isFalse();
      assertThat(sleep.isAlive()).as("a foreign process is left alone").isTrue();
      assertThat(real.end(10)).isTrue();
      sleep.waitFor();
      assertThat(real.isAlive()).isFalse();
    } finally {
      sleep.destroyForcibly();
    }
  }

  @Test
  void processOfAnotherBoot_isNotAlive() {
    ProcessIdentity self = ProcessIdentity.self();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks(), "another").isAlive()).isFalse();
  }
}
