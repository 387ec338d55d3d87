package dev.countersign.policy.fact;

import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceRangesTest {
  @Test
  void ranges_areKnown_whenOneHasTheApiServersService() {
    assertThat(ServiceRanges.whyUnknown(List.of(range("10.3.0.0/24")), List.of(ip("10.3.0.1"))))
        .isEmpty();
    assertThat(
            ServiceRanges.whyUnknown(
                List.of(range("fd00:3::/112"), range("10.3.0.0/24")),
                List.of(ip("10.3.0.1"), ip("fd00:3::1"))))
        .isEmpty();
    assertThat(ServiceRanges.whyUnknown(List.of(range("10.3.0.0/24")), List.of())).isEmpty();
  }

  @Test
  void ranges_areNotKnown_withoutObjects_orWithSomeThatAreNotInUse() {
    assertThat(ServiceRanges.whyUnknown(List.of(), List.of()))
        .contains("the API server has no ServiceCIDR objects");
    assertThat(ServiceRanges.whyUnknown(List.of(range("10.9.0.0/24")), List.of(ip("10.3.0.1"))))
        .contains("no ServiceCIDR object has 10.3.0.1, which is Service default/kubernetes");
  }
}
