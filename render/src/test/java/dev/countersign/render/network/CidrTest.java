package dev.countersign.render.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "255.255.255.255, 255.255.255.255",
    "fd00:0:0:0:0:0:0:1, fd00::1",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8::A:0:0:1, 2001:db8::a:0:0:1",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
  })
  void address_isWrittenInItsCanonicalForm(String text, String canonical) {
    assertThat(IpAddress.parse(text)).map(Object::toString).contains(canonical);
    assertThat(IpAddress.parse(canonical)).isEqualTo(IpAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10.1",
        "010.0.0.1",
        "10.0.0.256",
        "10.0.0.",
        "1.2.3.4.5",
        "0x7f.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a00:1",
        "fe80::1%eth0",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        ":1",
        "1:2:3:4:5:6:7::8",
        "[::1]",
        "١.2.3.4"
      })
  void text_thatIsNoCanonicalAddress_isNone(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }

  @Test
  void hostName_isNeverANumber() {
    assertThat(Host.parse("10.0.0.300")).isEmpty();
    assertThat(Host.parse("1234")).isEmpty();
    assertThat(Host.parse("a.0x1f")).isEmpty();
    assertThat(Host.parse("Node1.Example.COM")).map(Host::toString).contains("node1.example.com");
    assertThat(Host.parse("fd00::1")).map(Host::inUrl).contains("[fd00::1]");
  }

  @Test
  void range_knowsItsAddresses() {
    Cidr range = Cidr.parse("10.3.0.0/28").orElseThrow();
    assertThat(range.host(10)).map(Object::toString).contains("10.3.0.10");
    assertThat(range.host(15)).isPresent();
    assertThat(range.host(16)).isEmpty();
    assertThat(range.host(-1)).isEmpty();
    assertThat(Cidr.parse("10.3.0.1/28")).isEmpty();
    assertThat(Cidr.parse("10.3.0.0/33")).isEmpty();
    assertThat(Cidr.parse("10.3.0.0/08")).isEmpty();
  }

  @Test
  void ranges_overlapWhereOneHoldsTheOther() {
    Cidr wide = Cidr.parse("10.20.0.0/14").orElseThrow();
    assertThat(wide.overlaps(Cidr.parse("10.23.255.0/24").orElseThrow())).isTrue();
    assertThat(Cidr.parse("10.23.255.0/24").orElseThrow().overlaps(wide)).isTrue();
    assertThat(wide.overlaps(Cidr.parse("10.24.0.0/24").orElseThrow())).isFalse();
    assertThat(wide.overlaps(Cidr.parse("::/0").orElseThrow())).isFalse();
  }
}
