package dev.countersign.x509.der;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write is what BouncyCastle writes. */
class DerWriterTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20})
  void octetString_anyLength_isAsBouncyCastleWritesIt(int length) throws IOException {
    assertThat(DerWriter.octetString(new byte[length]))
        .isEqualTo(new DEROctetString(new byte[length]).getEncoded());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0",
        "0.39",
        "1.39",
        "2.5.4.3",
        "2.999.1",
        "1.2.840.113549.1.9.14",
        "1.3.127.128",
        "1.3.16383.16384",
        "1.2.9223372036854775807"
      })
  void oid_dotted_isAsBouncyCastleWritesIt(String dotted) throws IOException {
    assertThat(DerWriter.oid(dotted)).isEqualTo(new ASN1ObjectIdentifier(dotted).getEncoded());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 255, 256, -1, -128, -129, Long.MAX_VALUE, Long.MIN_VALUE})
  void integer_anyNumber_isAsBouncyCastleWritesIt(long number) throws IOException {
    assertThat(DerWriter.integer(number)).isEqualTo(new ASN1Integer(number).getEncoded());
    assertThat(DerWriter.integer(BigInteger.valueOf(number)))
        .isEqualTo(new ASN1Integer(number).getEncoded());
  }

  @Test
  void namedBits_usages_areAsOpensslWritesThem() {
    assertThat(hex(DerWriter.namedBits(0))).isEqualTo("03020780");
    assertThat(hex(DerWriter.namedBits(0, 2))).isEqualTo("030205a0");
    assertThat(hex(DerWriter.namedBits(0, 5, 6))).isEqualTo("03020186");
    assertThat(hex(DerWriter.namedBits(7))).isEqualTo("03020001");
    assertThat(hex(DerWriter.namedBits(8))).isEqualTo("0303070080");
    assertThat(hex(DerWriter.namedBits())).isEqualTo("030100");
  }

  @Test
  void setOf_elements_areSorted() {
    assertThat(hex(DerWriter.setOf(List.of(DerWriter.integer(2), DerWriter.integer(1)))))
        .isEqualTo("3106020101020102");
  }

  @Test
  void directoryString_alphabet_decidesTheType() {
    assertThat(DerWriter.directoryString("azAZ09 '()+,-./:=?")[0]).isEqualTo((byte) 0x13);
    for (String other : List.of("@", "[", "`", "{", "*", "&", "é", "_", ";", "\n")) {
      assertThat(DerWriter.directoryString("a" + other)[0]).as(other).isEqualTo((byte) 0x0c);
    }
  }

  @Test
  void others_values_areRight() {
    assertThat(hex(DerWriter.booleanTrue())).isEqualTo("0101ff");
    assertThat(hex(DerWriter.nullValue())).isEqualTo("0500");
    assertThat(hex(DerWriter.bitString(new byte[] {5}))).isEqualTo("03020005");
    assertThat(hex(DerWriter.explicit(3, DerWriter.nullValue()))).isEqualTo("a3020500");
    assertThat(hex(DerWriter.implicit(7, new byte[] {1}))).isEqualTo("870101");
    assertThat(hex(DerWriter.sequence(List.of(DerWriter.nullValue())))).isEqualTo("30020500");
    assertThat(hex(DerWriter.utf8("é"))).isEqualTo("0c02c3a9");
  }

  private static String hex(byte[] bytes) {
    return Bytes.copyOf(bytes).toHex();
  }
}
