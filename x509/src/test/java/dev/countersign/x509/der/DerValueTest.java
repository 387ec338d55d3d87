package dev.countersign.x509.der;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DerValueTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                     | byte 0: got the end; want a value",
        "30                     | byte 1: got the end; want a length",
        "3080 0000              | byte 1: got an indefinite length; want a definite one",
        "308100                 | byte 1: got length 0 written in 1 bytes; want the shortest form",
        "0481 01 00             | byte 1: got length 1 written in 1 bytes; want the shortest form",
        "0482 0001 00           | byte 1: got length 1 written in 2 bytes; want the shortest form",
        "0482 00               | byte 2: got the end; want the rest of a length",
        "0485 0000000001 00     | byte 1: got a length of 5 bytes; want at most 4",
        "0484 ffffffff          | byte 1: got length 4294967295; want at most the 0 left",
        "0402 00                | byte 1: got length 2; want at most the 1 left",
        "0481 80 00             | byte 1: got length 128; want at most the 1 left",
        "0500 00                | byte 2: got 1 bytes after the value; want nothing",
        "3003 0402 00           | byte 3: got length 2; want at most the 1 left",
        "1f                     | byte 1: got the end; want the rest of a tag",
        "9f8001 00              | byte 0: got a tag with leading zeros; want the shortest form",
        "9f1e 00                | byte 0: got a long tag for number 30; want the shortest form",
        "9f8fffffffff7f 00      | byte 0: got a tag number above 2^31 - 1; want a smaller one",
        "0000 | byte 0: got universal 0; want a type that certificates are made of",
        "0900 | byte 0: got universal 9; want a type that certificates are made of",
        "0e00 | byte 0: got universal 14; want a type that certificates are made of",
        "2800 | byte 0: got a constructed universal 8; want a primitive one",
        "1f1f00 | byte 0: got universal 31; want a type that certificates are made of",
        "170c 3236303330313132303030 5a | byte 2: got UTCTime 32363033303131323030305a; want"
            + " YYMMDDHHMMSSZ",
        "170d 323630333031313230303030 30 | byte 2: got UTCTime 32363033303131323030303030; want"
            + " YYMMDDHHMMSSZ",
        "170d 3236303330313132303030 2f 5a | byte 2: got UTCTime 32363033303131323030302f5a; want"
            + " YYMMDDHHMMSSZ",
        "170d 3a3630333031313230303030 5a | byte 2: got UTCTime 3a36303330313132303030305a; want"
            + " YYMMDDHHMMSSZ",
        "180d 323630333031313230303030 5a | byte 2: got GeneralizedTime 3236303330313132303030305a;"
            + " want YYYYMMDDHHMMSSZ",
        "1000                   | byte 0: got a primitive SEQUENCE; want a constructed one",
        "1100                   | byte 0: got a primitive SET; want a constructed one",
        "2403 0401 00           | byte 0: got a constructed OCTET STRING; want a primitive one",
        "0101 01                | byte 2: got BOOLEAN 01; want 00 or ff",
        "0102 ffff              | byte 2: got a BOOLEAN of 2 bytes; want one byte, 00 or ff",
        "0100                   | byte 2: got a BOOLEAN of 0 bytes; want one byte, 00 or ff",
        "0200                   | byte 2: got an INTEGER without bytes; want at least one",
        "0202 007f              | byte 2: got an INTEGER with leading bytes it needs not; want the"
            + " shortest form",
        "0202 ff80              | byte 2: got an INTEGER with leading bytes it needs not; want the"
            + " shortest form",
        "0a0100 | byte 0: got ENUMERATED; want a type that certificates are made of",
        "0300                   | byte 2: got a BIT STRING without bytes; want the number of unused"
            + " bits",
        "0301 01                | byte 2: got 1 unused bits; want 0 to 7, and 0 for no bits",
        "0302 0800              | byte 2: got 8 unused bits; want 0 to 7, and 0 for no bits",
        "0302 0101              | byte 3: got unused bits that are set; want zeros",
        "0302 0740              | byte 3: got unused bits that are set; want zeros",
        "0501 00                | byte 2: got a NULL with content; want none",
        "0600                   | byte 2: got an OBJECT IDENTIFIER that ends early; want all of it",
        "0601 80                | byte 2: got an OBJECT IDENTIFIER that ends early; want all of it",
        "0603 2a8001            | byte 3: got an OBJECT IDENTIFIER with leading zeros; want the"
            + " shortest form",
        "060b 2affffffffffffffffff7f | byte 11: got an OBJECT IDENTIFIER with an arc above 2^63;"
            + " want a smaller one",
        "3106 020102 020101     | byte 5: got a SET out of order; want its elements in ascending"
            + " order",
        "0c01 ff                | byte 2: got UTF8String ff; want characters of that type only",
        "0c02 c080              | byte 2: got UTF8String c080; want characters of that type only",
        "1301 2a                | byte 2: got PrintableString 2a; want characters of that type"
            + " only",
        "1301 40                | byte 2: got PrintableString 40; want characters of that type"
            + " only",
        "1301 5b                | byte 2: got PrintableString 5b; want characters of that type"
            + " only",
        "1301 60                | byte 2: got PrintableString 60; want characters of that type"
            + " only",
        "1301 7b                | byte 2: got PrintableString 7b; want characters of that type"
            + " only",
        "1301 e1                | byte 2: got PrintableString e1; want characters of that type"
            + " only",
        "1201 2f                | byte 2: got NumericString 2f; want characters of that type only",
        "1201 3a                | byte 2: got NumericString 3a; want characters of that type only",
        "1601 80                | byte 2: got IA5String 80; want characters of that type only",
        "1a01 1f                | byte 2: got VisibleString 1f; want characters of that type only",
        "1a01 7f                | byte 2: got VisibleString 7f; want characters of that type only",
        "1e01 41                | byte 2: got BMPString 41; want characters of that type only",
        "1e02 d800              | byte 2: got BMPString d800; want characters of that type only",
        "1c02 0041              | byte 2: got UniversalString 0041; want characters of that type"
            + " only",
        "1c04 00110000          | byte 2: got UniversalString 00110000; want characters of that"
            + " type only",
        "1c04 0000dfff          | byte 2: got UniversalString 0000dfff; want characters of that"
            + " type only",
        "1c04 ffffffff          | byte 2: got UniversalString ffffffff; want characters of that"
            + " type only",
      })
  void parse_notDer_saysWhereAndWhat(String hex, String message) {
    assertThatThrownBy(() -> parse(hex)).isInstanceOf(DerException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0500",
        "0101ff",
        "010100",
        "020100",
        "02020080",
        "0201ff",
        "0202ff7f",
        "0301 00",
        "0302 0180",
        "0603 2a8101",
        "3106 020101 020102",
        "3106 020101 020101",
        "0c02c3a9",
        "1301 27",
        "1201 39",
        "1201 30",
        "1201 20",
        "1601 7f",
        "1a01 20",
        "1a01 7e",
        "1e02 d7ff",
        "1e02 e000",
        "1c04 0010ffff",
        "9f1f00",
        "9f8100 00",
        "bf1f02 0500",
        "8000",
        "a000",
        "170d3236303330313132303030305a",
        "180f32303236303330313132303030305a",
        "1400",
        "0609 2a ffffffffffffff7f",
      })
  void parse_der_keepsEveryByte(String hex) throws DerException {
    assertThat(parse(hex).encoded()).isEqualTo(bytes(hex));
  }

  @Test
  void parse_longLengths_areRead() throws DerException {
    for (int length : new int[] {127, 128, 255, 256, 65535, 65536}) {
      DerValue value = DerValue.parse(Bytes.copyOf(DerWriter.octetString(new byte[length])));
      assertThat(value.length()).isEqualTo(length);
      assertThat(value.content().size()).isEqualTo(length);
    }
  }

  @Test
  void parse_deepNesting_isRefusedAtTheLimit() throws DerException {
    byte[] value = DerWriter.nullValue();
    for (int i = 1; i < DerValue.MAX_DEPTH; i++) {
      value = DerWriter.sequence(value);
    }
    byte[] deepest = value;
    assertThat(DerValue.parse(Bytes.copyOf(deepest)).children()).hasSize(1);
    assertThatThrownBy(() -> DerValue.parse(Bytes.copyOf(DerWriter.sequence(deepest))))
        .hasMessageContaining("nesting deeper than 24");
  }

  @Test
  void parse_withPath_putsItBeforeThePosition() {
    assertThatThrownBy(() -> DerValue.parse("request", Bytes.fromHex("30")))
        .hasMessage("request byte 1: got the end; want a length");
  }

  @Test
  void tag_classes_areTold() throws DerException {
    assertThat(parse("a000").kind()).isEqualTo("[0]");
    assertThat(parse("4100").kind()).isEqualTo("[APPLICATION 1]");
    assertThat(parse("c200").kind()).isEqualTo("[PRIVATE 2]");
    assertThat(parse("a000").isContext(0)).isTrue();
    assertThat(parse("a000").isContext(1)).isFalse();
    assertThat(parse("4000").isContext(0)).isFalse();
    assertThat(parse("8200").is(DerTag.INTEGER)).isFalse();
    assertThat(parse("020100").is(DerTag.INTEGER)).isTrue();
    assertThat(parse("bf8148 00").tagNumber()).isEqualTo(200);
    assertThat(parse("a000").isConstructed()).isTrue();
    assertThat(parse("8000").isConstructed()).isFalse();
    assertThat(parse("8000").tagClass()).isEqualTo(DerValue.CONTEXT);
  }

  @Test
  void childrenOf_wrongNumberOrType_isRefused() throws DerException {
    DerValue pair = parse("3006 020101 020102");
    assertThat(pair.childrenOf("x", DerTag.SEQUENCE, 2, 2)).hasSize(2);
    assertThat(pair.childrenOf("x", DerTag.SEQUENCE, 0, 2)).hasSize(2);
    assertThat(pair.childrenOf("x", DerTag.SEQUENCE, 2, 3)).hasSize(2);
    assertThatThrownBy(() -> pair.childrenOf("x", DerTag.SEQUENCE, 3, 3))
        .hasMessage("x: got 2 elements; want exactly 3");
    assertThatThrownBy(() -> pair.childrenOf("x", DerTag.SEQUENCE, 0, 1))
        .hasMessage("x: got 2 elements; want 0 to 1");
    assertThatThrownBy(() -> pair.childrenOf("x", DerTag.SEQUENCE, 3, Integer.MAX_VALUE))
        .hasMessage("x: got 2 elements; want at least 3");
    assertThatThrownBy(() -> pair.childrenOf("x", DerTag.SET, 2, 2))
        .hasMessage("x: got SEQUENCE; want SET");
    assertThatThrownBy(() -> pair.children().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void values_wrongType_areRefused() throws DerException {
    DerValue number = parse("020105");
    assertThat(number.integer("x")).isEqualTo(BigInteger.valueOf(5));
    assertThatThrownBy(() -> number.bool("x")).hasMessage("x: got INTEGER; want BOOLEAN");
    assertThatThrownBy(() -> number.oid("x")).hasMessage("x: got INTEGER; want OBJECT IDENTIFIER");
    assertThatThrownBy(() -> number.text("x")).hasMessage("x: got INTEGER; want a string");
    assertThatThrownBy(() -> parse("8c0141").text("x")).hasMessage("x: got [12]; want a string");
    assertThatThrownBy(() -> number.octetsOfBitString("x"))
        .hasMessage("x: got INTEGER; want BIT STRING");
    assertThatThrownBy(() -> parse("0302 0180").octetsOfBitString("x"))
        .hasMessage("x: got 1 unused bits; want whole bytes");
    assertThat(parse("0302 0001").octetsOfBitString("x")).isEqualTo(Bytes.fromHex("01"));
    assertThat(parse("0101ff").bool("x")).isTrue();
    assertThat(parse("010100").bool("x")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0603550403, 2.5.4.3",
    "06092a864886f70d01090e, 1.2.840.113549.1.9.14",
    "060100, 0.0",
    "060127, 0.39",
    "060128, 1.0",
    "06014f, 1.39",
    "060150, 2.0",
    "06028837, 2.999",
    "06092affffffffffffff7f, 1.2.72057594037927935",
    "060a2affffffffffffffff7f, 1.2.9223372036854775807",
  })
  void oid_encoded_isDotted(String hex, String dotted) throws DerException {
    assertThat(parse(hex).oid("x")).isEqualTo(dotted);
  }

  @ParameterizedTest
  @CsvSource({
    "0c03e282ac, €",
    "130141, A",
    "1401e9, é",
    "160140, @",
    "120137, 7",
    "1a017e, ~",
    "1e0220ac, €",
    "1c040001f600, \uD83D\uDE00",
  })
  void text_eachType_isDecoded(String hex, String text) throws DerException {
    assertThat(parse(hex).text("x")).isEqualTo(text);
  }

  @Test
  void integers_haveTheShortestForm_atBothEdges() throws DerException {
    assertThat(parse("02020080").integer("x")).isEqualTo(128);
    assertThat(parse("0202ff7f").integer("x")).isEqualTo(-129);
    assertThat(parse("0202ff00").integer("x")).isEqualTo(-256);
    for (String longer : List.of("02020000", "0202007f", "0202ff80", "0202ffff")) {
      assertThatThrownBy(() -> parse(longer)).as(longer).hasMessageContaining("shortest form");
    }
  }

  @Test
  void strings_haveTheirCharactersOnly() {
    String digits = "0123456789";
    String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int c = 0; c < 256; c++) {
      assertThat(isRead("1201", c)).as("numeric %x", c).isEqualTo((digits + " ").indexOf(c) >= 0);
      assertThat(isRead("1301", c))
          .as("printable %x", c)
          .isEqualTo((digits + letters + " '()+,-./:=?").indexOf(c) >= 0);
      assertThat(isRead("1a01", c)).as("visible %x", c).isEqualTo(c >= 0x20 && c < 0x7f);
      assertThat(isRead("1601", c)).as("IA5 %x", c).isEqualTo(c < 0x80);
    }
  }

  private static boolean isRead(String header, int octet) {
    try {
      parse(header + "%02x".formatted(octet));
      return true;
    } catch (DerException e) {
      return false;
    }
  }

  @Test
  void tagNumbers_reachTheirBound() throws DerException {
    assertThat(parse("bf87ffffff7f00").tagNumber()).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> parse("bf888080800000")).hasMessageContaining("above 2^31 - 1");
  }

  private static DerValue parse(String hex) throws DerException {
    return DerValue.parse(bytes(hex));
  }

  private static Bytes bytes(String hex) {
    return Bytes.fromHex(hex.replace(" ", ""));
  }
}
