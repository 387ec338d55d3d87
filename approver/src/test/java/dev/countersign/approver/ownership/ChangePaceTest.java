package dev.countersign.approver.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChangePaceTest {
  private static final Instant T0 = Instant.parse("2026-11-22T10:00:00Z");
  private static final NodeName A = NodeName.parse("a").orElseThrow();
  private static final NodeName B = NodeName.parse("b").orElseThrow();
  private static final Ownership.PerNode LIMITS =
      new Ownership.PerNode(Optional.empty(), 3, Duration.ofSeconds(5));

  private final ChangePace pace = new ChangePace();

  private boolean look(NodeName node, long millis) {
    return pace.mayLook(node, T0.plusMillis(millis), LIMITS);
  }

  @Test
  void burst_isLookedAtAtOnce_thenOneInEachInterval_andOthersAreNotTouched() {
    assertThat(look(A, 0)).isTrue();
    assertThat(look(A, 1)).isTrue();
    assertThat(look(A, 2)).isTrue();
    assertThat(look(A, 3)).isFalse();
    assertThat(look(A, 4000)).isFalse();
    assertThat(look(B, 4000)).isTrue();
    assertThat(pace.waiting()).isEqualTo(1);
    assertThat(pace.next()).contains(T0.plusSeconds(5));

    assertThat(pace.due(T0.plusMillis(4999), LIMITS)).isEmpty();
    assertThat(pace.due(T0.plusMillis(5000), LIMITS)).containsExactly(A);
    assertThat(pace.waiting()).isZero();
    assertThat(look(A, 5001)).isFalse();
    assertThat(pace.due(T0.plusMillis(9999), LIMITS)).isEmpty();
    assertThat(pace.due(T0.plusMillis(10_000), LIMITS)).containsExactly(A);
    assertThat(pace.next()).isEmpty();
  }

  @Test
  void nodeThatHasCalmedDown_isForgotten() {
    assertThat(look(A, 0)).isTrue();
    pace.sweep(T0.plusSeconds(5));
    assertThat(look(A, 5000)).isTrue();
    assertThat(look(A, 5000)).isTrue();
    assertThat(look(A, 5000)).isTrue();
    assertThat(look(A, 5000)).isFalse();
  }

  @Test
  void intervalOfZero_isNoLimit() {
    Ownership.PerNode none = new Ownership.PerNode(Optional.empty(), 1, Duration.ZERO);
    for (int i = 0; i < 100; i++) {
      assertThat(pace.mayLook(A, T0, none)).isTrue();
    }
  }
}
