package dev.countersign.policy.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionTest {
  private static final Violation REQUEST = new Violation(Reason.DNS_SYNTAX, "b", "x", "y");
  private static final Violation CLUSTER = new Violation(Reason.NODE_MISSING, "a", "x", "y");

  @Test
  void denial_mustRestOnTheRequest() {
    assertThat(new Decision.Deny(List.of(REQUEST, CLUSTER)).violations())
        .containsExactly(REQUEST, CLUSTER);
    assertThatThrownBy(() -> new Decision.Deny(List.of(CLUSTER)))
        .hasMessageContaining("must rest on the request");
    assertThatThrownBy(() -> new Decision.Deny(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hold_mustNotRestOnTheRequest() {
    assertThat(new Decision.Defer(List.of(CLUSTER)).violations()).containsExactly(CLUSTER);
    assertThatThrownBy(() -> new Decision.Defer(List.of(REQUEST)))
        .hasMessageContaining("deny instead");
    assertThatThrownBy(() -> new Decision.Defer(List.of())).hasMessageContaining("waits for");
  }

  @Test
  void hold_namesWhatIsWrong_beforeWhatIsUnknown() {
    Violation unknown = new Violation(Reason.FACT_UNKNOWN, "A", "x", "y");
    Violation other = new Violation(Reason.FACT_UNKNOWN, "B", "x", "y");
    Violation wrong = new Violation(Reason.SAN_NOT_NODE_ADDRESS, "z", "x", "y");

    assertThat(new Decision.Defer(List.of(other, unknown, wrong, CLUSTER)).violations())
        .containsExactly(CLUSTER, wrong, unknown, other);
  }

  @Test
  void violations_areSortedByPathThenReason() {
    Violation later = new Violation(Reason.DNS_WILDCARD, "b", "x", "y");
    Violation same = new Violation(Reason.DNS_WILDCARD, "b", "x", "z");

    assertThat(new Decision.Deny(List.of(same, REQUEST, later)).violations())
        .containsExactly(later, same, REQUEST)
        .isSorted();
    assertThat(REQUEST.message()).isEqualTo("b: got x; want y");
  }

  @Test
  void modes_writeWhatTheySay() {
    Decision approve = new Decision.Approve(NodeName.parse("a").orElseThrow(), List.of(CLUSTER));
    Decision deny = new Decision.Deny(List.of(REQUEST));
    Decision deferred = new Decision.Defer(List.of(CLUSTER));
    Decision ignore = new Decision.Ignore(Decision.Ground.ALREADY_DECIDED);

    assertThat(approve.violations()).containsExactly(CLUSTER);
    assertThat(Mode.ENFORCE.writes(approve)).isTrue();
    assertThat(Mode.ENFORCE.writes(deny)).isTrue();
    assertThat(Mode.APPROVE_ONLY.writes(approve)).isTrue();
    assertThat(Mode.APPROVE_ONLY.writes(deny)).isFalse();
    assertThat(Mode.AUDIT.writes(approve)).isFalse();
    assertThat(Mode.AUDIT.writes(deny)).isFalse();
    for (Mode mode : Mode.values()) {
      assertThat(mode.writes(deferred)).isFalse();
      assertThat(mode.writes(ignore)).isFalse();
    }
  }
}
