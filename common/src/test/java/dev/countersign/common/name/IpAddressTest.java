package dev.countersign.common.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import dev.countersign.testkit.Arbitrary;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  @Test
  void textForms_areRead() {
    assertThat(ip("10.0.0.1").toString()).isEqualTo("10.0.0.1");
    assertThat(ip("010.000.00.01")).isEqualTo(ip("10.0.0.1"));
    assertThat(ip("255.255.255.255").toString()).isEqualTo("255.255.255.255");
    assertThat(ip("::").toString()).isEqualTo("::");
    assertThat(ip("::1").toString()).isEqualTo("::1");
    assertThat(ip("1::").toString()).isEqualTo("1::");
    assertThat(ip("2001:DB8:0:0:1:0:0:1").toString()).isEqualTo("2001:db8::1:0:0:1");
    assertThat(ip("2001:db8:0:1:1:1:1:1").toString()).isEqualTo("2001:db8:0:1:1:1:1:1");
    assertThat(ip("1:2:3:4:5:6:7::")).isEqualTo(ip("1:2:3:4:5:6:7:0"));
    assertThat(ip("::2:3:4:5:6:7:8")).isEqualTo(ip("0:2:3:4:5:6:7:8"));
    assertThat(ip("64:ff9b::192.0.2.1")).isEqualTo(ip("64:ff9b::c000:201"));
    assertThat(ip("::ffff:10.0.0.1")).isEqualTo(ip("10.0.0.1"));
    assertThat(ip("fe80::1").version4()).isFalse();
  }

  @Test
  void equality_isOfBitsAndVersion() {
    assertThat(ip("10.0.0.1"))
        .isEqualTo(ip("10.0.0.01"))
        .hasSameHashCodeAs(ip("10.0.0.01"))
        .isNotEqualTo(ip("10.0.0.2"))
        .isNotEqualTo(new IpAddress(0, 0x0a000001L, false))
        .isNotEqualTo("10.0.0.1");
    assertThat(ip("fd00::1")).isNotEqualTo(ip("fd01::1")).isNotEqualTo(ip("fd00::2"));
    // A good spread is all that can be asked of it: neighbours, both halves, and the version.
    assertThat(
            List.of(
                    "10.0.0.1",
                    "10.0.0.2",
                    "10.0.1.1",
                    "fd00::1",
                    "fd00::2",
                    "fd01::1",
                    "fd00:1::1")
                .stream()
                .map(text -> ip(text).hashCode())
                .distinct())
        .hasSize(7);
    assertThat(new IpAddress(0, 5, false).hashCode())
        .isNotEqualTo(new IpAddress(0, 5, true).hashCode());
    assertThat(IpRange.parse("10.0.0.0/8").orElseThrow())
        .isEqualTo(IpRange.parse("10.1.1.1/8").orElseThrow())
        .hasSameHashCodeAs(IpRange.parse("10.1.1.1/8").orElseThrow())
        .isNotEqualTo(IpRange.parse("10.0.0.0/9").orElseThrow())
        .isNotEqualTo(IpRange.parse("11.0.0.0/8").orElseThrow())
        .isNotEqualTo("10.0.0.0/8");
    assertThat(IpRange.parse("10.0.0.0/8").orElseThrow().hashCode())
        .isNotEqualTo(IpRange.parse("10.0.0.0/9").orElseThrow().hashCode());
  }

  @Test
  void sorting_isByVersionThenNumber() {
    assertThat(
            List.of("fd00::1", "10.0.0.2", "::2", "255.0.0.1", "fd00::", "10.0.0.1").stream()
                .map(IpAddressTest::ip)
                .sorted()
                .map(Object::toString))
        .containsExactly("10.0.0.1", "10.0.0.2", "255.0.0.1", "::2", "fd00::", "fd00::1");
    assertThat(ip("10.0.0.1")).isEqualByComparingTo(ip("10.0.0.1"));
  }

  @Test
  void otherTexts_areNot() {
    for (String text :
        List.of(
            "",
            ".",
            "1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "0001.2.3.4",
            "1.2.3.4 ",
            "a.b.c.d",
            ":",
            ":::",
            "1:::2",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "12345::",
            "g::",
            "1:",
            ":1",
            "::1.2.3",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::1.2.3.4:5",
            "fe80::1%eth0",
            "[::1]",
            "\u0661.1.1.1",
            "\u0661::")) {
      assertThat(IpAddress.parse(text)).as("[%s]", text).isEmpty();
    }
  }

  @Test
  void bytes_areRead() {
    assertThat(IpAddress.of(Bytes.fromHex("c0000201"))).contains(ip("192.0.2.1"));
    assertThat(IpAddress.of(Bytes.fromHex("20010db8000000000000000000000001")))
        .contains(ip("2001:db8::1"));
    assertThat(IpAddress.of(Bytes.fromHex("c00002"))).isEmpty();
    assertThat(IpAddress.of(Bytes.fromHex("00000000000000000000ffffc0000201")).orElseThrow())
        .isNotEqualTo(ip("192.0.2.1"));
  }

  @Test
  void embeddedIpv4_isFound() {
    assertThat(mapped().embeddedIpv4()).contains(ip("192.0.2.1"));
    assertThat(ip("::192.0.2.1").embeddedIpv4()).contains(ip("192.0.2.1"));
    assertThat(ip("::2").embeddedIpv4()).contains(ip("0.0.0.2"));
    assertThat(ip("64:ff9b::192.0.2.1").embeddedIpv4()).contains(ip("192.0.2.1"));
    for (String text : List.of("::", "::1", "192.0.2.1", "64:ff9b::1:0:0", "::1:0:0", "1::1")) {
      assertThat(ip(text).embeddedIpv4()).as(text).isEmpty();
    }
  }

  private static IpAddress mapped() {
    return IpAddress.of(Bytes.fromHex("00000000000000000000ffffc0000201")).orElseThrow();
  }

  @Test
  void order_isByVersionThenNumber() {
    assertThat(
            List.of(
                ip("0.0.0.1"),
                ip("128.0.0.0"),
                ip("::1"),
                ip("7fff::"),
                ip("8000::"),
                ip("8000::ffff")))
        .isSorted();
    assertThat(ip("1.2.3.4").compareTo(ip("1.2.3.4"))).isZero();
    assertThat(ip("::1").compareTo(ip("1.2.3.4"))).isPositive();
  }

  @Test
  void ipv4_has32Bits() {
    assertThatThrownBy(() -> new IpAddress(1, 0, true)).hasMessageContaining("32 bits");
    assertThatThrownBy(() -> new IpAddress(0, 1L << 32, true)).hasMessageContaining("32 bits");
  }

  @Test
  void canonicalText_readsBack() {
    Arbitrary arbitrary = new Arbitrary(1);
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = arbitrary.bytes(16);
      IpAddress address = IpAddress.of(Bytes.copyOf(bytes)).orElseThrow();
      Optional<IpAddress> embedded = address.embeddedIpv4();

      assertThat(IpAddress.parse(address.toString()))
          .contains(embedded.isPresent() && bytes[10] == -1 ? embedded.get() : address);
      assertThat(address.key()).isEqualTo(address.toString());
    }
  }

  @Test
  void ipv6_isReadAsJavaReadsIt() throws UnknownHostException {
    Arbitrary arbitrary = new Arbitrary(2);
    for (int i = 0; i < 1000; i++) {
      String text = InetAddress.getByAddress(arbitrary.bytes(16)).getHostAddress();

      assertThat(IpAddress.parse(text)).as(text).isPresent();
      assertThat(IpAddress.parse(text).orElseThrow())
          .isEqualTo(IpAddress.of(Bytes.copyOf(InetAddress.ofLiteral(text).getAddress())).get());
    }
  }

  @Test
  void anyText_isReadOrNot_withoutFailing() {
    Arbitrary arbitrary = new Arbitrary(3);
    for (int i = 0; i < 3000; i++) {
      IpAddress.parse(arbitrary.text())
          .ifPresent(a -> assertThat(IpAddress.parse(a.toString())).contains(a));
    }
  }

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
  void strictText_isWrittenInItsCanonicalForm(String text, String canonical) {
    assertThat(IpAddress.parseStrict(text)).map(Object::toString).contains(canonical);
    assertThat(IpAddress.parseStrict(canonical)).isEqualTo(IpAddress.parseStrict(text));
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
        "64:ff9b::10.0.0.1",
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
  void text_thatIsNoStrictAddress_isNone(String text) {
    assertThat(IpAddress.parseStrict(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "255.255.255.255", "fd00::1", "8000::", "::ffff:ffff"})
  void bytes_areReadBack(String text) {
    IpAddress address = IpAddress.parse(text).orElseThrow();

    assertThat(IpAddress.of(address.bytes())).contains(address);
    assertThat(address.bytes().size() * 8).isEqualTo(address.family().bits());
  }
}
