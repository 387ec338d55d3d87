package dev.countersign.policy.fact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the address of Service default/kubernetes tells of its range. */
final class ServiceRangesUnknownTest {
  /** Whatever range of an API server has it as the first address lies in this one. */
  @ParameterizedTest
  @CsvSource({
    "10.3.0.1, 10.3.0.0/16",
    "10.96.0.1, 10.96.0.0/12",
    "10.0.0.1, 10.0.0.0/12",
    "10.43.0.1, 10.43.0.0/16",
    "10.100.0.1, 10.100.0.0/14",
    "192.168.5.129, 192.168.5.128/25",
    "fd00::1, fd00::/108",
    "fd00:0:0:0:0:0:1:1, fd00::1:0/112"
  })
  void widest_isTheWidestRangeOfWhichItIsTheFirst(String kubernetes, String widest) {
    assertThat(unknown(List.of(kubernetes)).widest()).contains(range(widest));
  }

  @Test
  void anAddressOutsideOfTheWidestRange_isNoServices() {
    ServiceRangesUnknown unknown =
        unknown(List.of("10.3.0.1"), "10.3.0.1", "10.3.0.10", "fd00::10");
    assertThat(unknown.mayHold(ip("10.3.255.254"))).isTrue();
    assertThat(unknown.mayHold(ip("10.4.0.1"))).isFalse();
    assertThat(unknown.mayHold(ip("fd00::7"))).as("a second range").isTrue();
    assertThat(unknown.detail())
        .isEqualTo(
            "none; by the address of Service default/kubernetes it is 10.3.0.0/16 at the widest");
    assertThat(unknown.deferred())
        .isEqualTo("every request for an IP address of 10.3.0.0/16, or for an IPv6 address");
  }

  @Test
  void whereNothingBoundsIt_anyAddressMayBeAServices() {
    for (ServiceRangesUnknown unknown :
        List.of(
            unknown(List.of()),
            unknown(List.of("10.3.0.1"), "10.3.0.1", "10.9.0.10"),
            unknown(List.of("10.3.0.1", "fd00::1")),
            unknown(List.of("10.3.0.2")))) {
      assertThat(unknown.widest()).as("%s", unknown).isEmpty();
      assertThat(unknown.mayHold(ip("192.0.2.1"))).isTrue();
      assertThat(unknown.detail()).isEqualTo("none");
      assertThat(unknown.deferred()).isEqualTo("every request for an IP address");
    }
  }

  private static ServiceRangesUnknown unknown(List<String> apiServer, String... services) {
    return ServiceRangesUnknown.of(
        "none",
        apiServer.stream().map(ServiceRangesUnknownTest::ip).toList(),
        Stream.of(services).map(ServiceRangesUnknownTest::ip).toList());
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  private static IpRange range(String text) {
    return IpRange.parse(text).orElseThrow();
  }
}
