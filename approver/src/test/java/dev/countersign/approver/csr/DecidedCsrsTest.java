package dev.countersign.approver.csr;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DecidedCsrsTest {
  @Test
  void add_moreThanAreRemembered_theOldestIsForgotten() {
    DecidedCsrs settled = new DecidedCsrs(2);
    settled.add("a");
    settled.add("b");
    settled.add("a");
    assertThat(settled.contains("a")).isTrue();
    settled.add("c");
    assertThat(settled.contains("a")).as("came first, though added again").isFalse();
    assertThat(settled.contains("b")).isTrue();
    assertThat(settled.contains("c")).isTrue();
  }

  @Test
  void clear_someRemembered_noneIs_andNewOnesAre() {
    DecidedCsrs settled = new DecidedCsrs(2);
    settled.add("a");
    settled.add("b");
    settled.clear();
    assertThat(settled.contains("a")).isFalse();
    settled.add("c");
    settled.add("d");
    assertThat(settled.contains("c")).isTrue();
    assertThat(settled.contains("d")).isTrue();
  }
}
