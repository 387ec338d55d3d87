package dev.countersign.approver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ProtectedSpace.Protection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProtectedNamesTrackerTest {
  private static final IpAddress CLUSTER = IpAddress.parse("10.3.0.7").orElseThrow();

  private static Set<Protection> service(String external) {
    return ProtectedSpace.builder()
        .service(
            "default",
            "web",
            List.of(CLUSTER),
            List.of(IpAddress.parse(external).orElseThrow()),
            List.of())
        .protections();
  }

  /** A change of one address of a Service opens no gap for whoever asks for another of them. */
  @Test
  void replace_whatStays_isProtectedThroughout() throws InterruptedException {
    ProtectedNamesTracker space = new ProtectedNamesTracker(Optional::empty);
    Set<Protection> one = service("192.0.2.80");
    Set<Protection> other = service("192.0.2.81");
    space.replace(Set.of(), one);
    AtomicBoolean done = new AtomicBoolean();
    AtomicBoolean gap = new AtomicBoolean();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    if (space.protecting(CLUSTER).isEmpty()) {
                      gap.set(true);
                    }
                  }
                });
    for (int i = 0; i < 10_000; i++) {
      space.replace(one, other);
      space.replace(other, one);
    }
    done.set(true);
    reader.join();
    assertThat(gap).isFalse();
    assertThat(space.protecting(IpAddress.parse("192.0.2.80").orElseThrow())).isPresent();
    assertThat(space.protecting(IpAddress.parse("192.0.2.81").orElseThrow())).isEmpty();
  }
}
