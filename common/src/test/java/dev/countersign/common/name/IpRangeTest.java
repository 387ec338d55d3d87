package dev.countersign.common.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class IpRangeTest {
  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  private static IpRange range(String text) {
    return IpRange.parse(text).orElseThrow();
  }

  @Test
  void texts_areRead() {
    assertThat(range("10.1.2.3/8").toString()).isEqualTo("10.0.0.0/8");
    assertThat(range("0.0.0.0/0").toString()).isEqualTo("0.0.0.0/0");
    assertThat(range("10.1.2.3").toString()).isEqualTo("10.1.2.3/32");
    assertThat(range("fd00:1::5").toString()).isEqualTo("fd00:1::5/128");
    assertThat(range("fd00:1:2:3:4:5:6:7/48").toString()).isEqualTo("fd00:1:2::/48");
    assertThat(range("fd00:1:2:3:4:5:6:7/80").toString()).isEqualTo("fd00:1:2:3:4::/80");
    assertThat(range("fd00:1:2:3:4:5:6:7/64").toString()).isEqualTo("fd00:1:2:3::/64");
    assertThat(range("fd00::1/0").toString()).isEqualTo("::/0");
    assertThat(range("fd00::1/128").toString()).isEqualTo("fd00::1/128");
    for (String bad :
        List.of(
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::/129",
            "10.0.0.0/0008",
            "x/8",
            "10.0.0.0/8/8",
            "10.0.0.0/ 8")) {
      assertThat(IpRange.parse(bad)).as("[%s]", bad).isEmpty();
    }
  }

  @Test
  void contains_atBothEdges() {
    IpRange range = range("10.3.0.0/24");

    assertThat(range.contains(ip("10.3.0.0"))).isTrue();
    assertThat(range.contains(ip("10.3.0.255"))).isTrue();
    assertThat(range.contains(ip("10.3.1.0"))).isFalse();
    assertThat(range.contains(ip("10.2.255.255"))).isFalse();
    assertThat(range.contains(ip("::a03:0"))).isFalse();
    assertThat(range("::/0").contains(ip("10.3.0.1"))).isFalse();
    assertThat(range("fd00::/63").contains(ip("fd00:0:0:1:ffff::"))).isTrue();
    assertThat(range("fd00::/63").contains(ip("fd00:0:0:2::"))).isFalse();
    assertThat(range("fd00::/65").contains(ip("fd00::7fff:0:0:0"))).isTrue();
    assertThat(range("fd00::/65").contains(ip("fd00::8000:0:0:0"))).isFalse();
  }

  @Test
  void last_isTheLastThatItContains() {
    assertThat(range("10.3.0.0/24").last()).isEqualTo(ip("10.3.0.255"));
    assertThat(range("0.0.0.0/0").last()).isEqualTo(ip("255.255.255.255"));
    assertThat(range("10.3.0.7").last()).isEqualTo(ip("10.3.0.7"));
    assertThat(range("fd00::/63").last()).isEqualTo(ip("fd00:0:0:1:ffff:ffff:ffff:ffff"));
    assertThat(range("fd00::/65").last()).isEqualTo(ip("fd00::7fff:ffff:ffff:ffff"));
    assertThat(range("fd00::7").last()).isEqualTo(ip("fd00::7"));
    assertThat(range("::/0").last()).isEqualTo(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  }

  @Test
  void constructor_refusesBitsBelowThePrefix() {
    assertThatThrownBy(() -> new IpRange(ip("10.0.0.1"), 8)).hasMessageContaining("10.0.0.0/8");
    assertThatThrownBy(() -> new IpRange(ip("10.0.0.0"), 33)).hasMessageContaining("0 to 32");
    assertThatThrownBy(() -> new IpRange(ip("::"), -1)).hasMessageContaining("0 to 128");
    assertThat(IpRange.around(ip("10.9.9.9"), 8)).isEqualTo(range("10.0.0.0/8"));
  }

  @Test
  void range_knowsItsAddresses() {
    IpRange range = IpRange.parseStrict("10.3.0.0/28").orElseThrow();
    assertThat(range.address(10)).map(Object::toString).contains("10.3.0.10");
    assertThat(range.address(15)).isPresent();
    assertThat(range.address(16)).isEmpty();
    assertThat(range.address(-1)).isEmpty();
    assertThat(IpRange.parseStrict("10.3.0.1/28")).isEmpty();
    assertThat(IpRange.parseStrict("10.3.0.0/33")).isEmpty();
    assertThat(IpRange.parseStrict("10.3.0.0/08")).isEmpty();
    assertThat(IpRange.parseStrict("010.3.0.0/28")).isEmpty();
    assertThat(IpRange.parseStrict("10.3.0.0")).isEmpty();
    assertThat(IpRange.parseStrict("::/64").flatMap(v6 -> v6.address(Long.MAX_VALUE)))
        .map(Object::toString)
        .contains("::7fff:ffff:ffff:ffff");
    assertThat(IpRange.parseStrict("::/66").flatMap(v6 -> v6.address(1L << 62))).isEmpty();
  }

  @Test
  void ranges_overlapWhereOneHoldsTheOther() {
    IpRange wide = IpRange.parseStrict("10.20.0.0/14").orElseThrow();
    assertThat(wide.overlaps(IpRange.parseStrict("10.23.255.0/24").orElseThrow())).isTrue();
    assertThat(IpRange.parseStrict("10.23.255.0/24").orElseThrow().overlaps(wide)).isTrue();
    assertThat(wide.overlaps(IpRange.parseStrict("10.24.0.0/24").orElseThrow())).isFalse();
    assertThat(wide.overlaps(IpRange.parseStrict("::/0").orElseThrow())).isFalse();
  }
}
