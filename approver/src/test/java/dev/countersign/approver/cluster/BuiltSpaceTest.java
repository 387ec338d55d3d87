package dev.countersign.approver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.IpRange;
import dev.countersign.policy.name.NodeName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BuiltSpaceTest {
  private static final NodeName NODE = NodeName.parse("node-b").orElseThrow();
  private static final IpAddress POD = IpAddress.parse("10.20.1.7").orElseThrow();

  private final List<IpRange> ranges = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private int builds;
  private final BuiltSpace space =
      new BuiltSpace(
          () -> {
            builds++;
            return ProtectedSpace.builder().podRanges(NODE, ranges).build();
          },
          Duration.ofMillis(250),
          nanos::get);

  private void rangeComes() {
    ranges.add(IpRange.parse("10.20.1.0/24").orElseThrow());
    space.changed();
  }

  @Test
  void current_hasEveryChange_howeverSoon() {
    assertThat(space.current().protecting(POD)).isEmpty();
    rangeComes();
    assertThat(space.current().protecting(POD)).isPresent();
  }

  @Test
  void recent_lagsBehindForAWhile_butNotBehindCurrent() {
    assertThat(space.recent().protecting(POD)).isEmpty();
    rangeComes();
    assertThat(space.recent().protecting(POD)).isEmpty();
    nanos.addAndGet(Duration.ofMillis(251).toNanos());
    assertThat(space.recent().protecting(POD)).isPresent();

    ranges.clear();
    space.changed();
    assertThat(space.current().protecting(POD)).isEmpty();
    assertThat(space.recent().protecting(POD)).isEmpty();
  }

  @Test
  void unchanged_isBuiltOnce() {
    space.recent();
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    space.recent();
    space.current();
    assertThat(builds).isEqualTo(1);
  }
}
