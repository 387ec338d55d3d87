package dev.countersign.x509.request;

import static dev.countersign.x509.request.Requests.malformed;
import static dev.countersign.x509.request.Requests.message;
import static dev.countersign.x509.request.Requests.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each negative case is the kubelet's own request with one thing changed. */
class CertificateRequestTest {
  private static final CsrForge SERVING = CsrForge.serving("node-a");

  // ---- what a kubelet sends

  @Test
  void serving_kubeletsRequest_isReadInFull() {
    CertificateRequest request = parsed(SERVING.withIp("2001:db8::1"));
    assertThat(request.subject()).hasToString("O=\"system:nodes\", CN=\"system:node:node-a\"");
    assertThat(request.subject().values(NameAttribute.COMMON_NAME))
        .containsExactly("system:node:node-a");
    assertThat(request.subject().values(NameAttribute.ORGANIZATION))
        .containsExactly("system:nodes");
    assertThat(request.subject().attributes())
        .extracting(NameAttribute::type)
        .containsOnly(StringType.PRINTABLE);
    assertThat(request.sans())
        .containsExactly(
            new SubjectAltName.Dns("node-a"),
            SubjectAltName.Ip.of(InetAddress.ofLiteral("192.0.2.10")),
            SubjectAltName.Ip.of(InetAddress.ofLiteral("2001:db8::1")));
    assertThat(request.extensions())
        .singleElement()
        .satisfies(
            extension -> {
              assertThat(extension.oid()).isEqualTo(RequestedExtension.SUBJECT_ALT_NAME);
              assertThat(extension.critical()).isFalse();
            });
    assertThat(request.attributes())
        .extracting(RequestAttribute::oid)
        .containsExactly(RequestAttribute.EXTENSION_REQUEST);
    assertThat(request.key().algorithm()).isEqualTo(KeyAlgorithm.ECDSA);
    assertThat(request.key().curve()).contains("P-256");
    assertThat(request.key().bits()).isEqualTo(256);
    assertThat(request.key().weaknesses()).isEmpty();
    assertThat(request.key().spki())
        .isEqualTo(Bytes.copyOf(TestKeys.p256().getPublic().getEncoded()));
    assertThat(request.signatureAlgorithmOid()).isEqualTo("1.2.840.10045.4.3.2");
  }

  @Test
  void client_kubeletsRequest_hasNoExtensions() {
    CertificateRequest request = parsed(CsrForge.client("node-a"));
    assertThat(request.attributes()).isEmpty();
    assertThat(request.extensions()).isEmpty();
    assertThat(request.sans()).isEmpty();
  }

  @Test
  void parts_together_areTheWholeRequest() {
    CertificateRequest request = parsed(SERVING);
    assertThat(request.der().toHex()).contains(request.signedPart().toHex());
    assertThat(request.signedPart().toHex())
        .contains(request.subject().encoded().toHex())
        .contains(request.key().spki().toHex())
        .contains(request.extensions().getFirst().value().toHex())
        .contains(request.attributes().getFirst().values().getFirst().toHex());
  }

  @Test
  void equals_sameBytes_isEqual() {
    byte[] der = SERVING.der();
    ParseResult<CertificateRequest> one = CertificateRequest.parseDer(Bytes.copyOf(der));
    assertThat(one).isEqualTo(CertificateRequest.parseDer(Bytes.copyOf(der)));
    assertThat(one).hasSameHashCodeAs(CertificateRequest.parseDer(Bytes.copyOf(der)));
    assertThat(parsed(SERVING)).isNotEqualTo(parsed(SERVING.withDns("b")));
    assertThat(parsed(SERVING)).isNotEqualTo("");
    assertThat(parsed(SERVING).hashCode()).isNotEqualTo(parsed(SERVING.withDns("b")).hashCode());
  }

  @Test
  void toString_request_isEscapedAndShort() {
    assertThat(parsed(CsrForge.client("a").plusSubject(new Rdn("2.5.4.11", Text.UTF8, "\n"))))
        .asString()
        .startsWith("CertificateRequest[O=\"system:nodes\", CN=\"system:node:a\", OU=\"\\n\", ")
        .endsWith(" bytes]");
  }

  // ---- subject

  @Test
  void subject_order_isKept() {
    CertificateRequest request =
        parsed(
            CsrForge.client("a")
                .withSubject(
                    new Rdn(CsrForge.CN, Text.PRINTABLE, "system:node:a"),
                    new Rdn(CsrForge.O, Text.PRINTABLE, "system:nodes")));
    assertThat(request.subject()).hasToString("CN=\"system:node:a\", O=\"system:nodes\"");
  }

  @Test
  void subject_secondCommonName_isVisible() {
    CertificateRequest request =
        parsed(
            CsrForge.client("a")
                .plusSubject(new Rdn(CsrForge.CN, Text.PRINTABLE, "system:node:b")));
    assertThat(request.subject().values(NameAttribute.COMMON_NAME))
        .containsExactly("system:node:a", "system:node:b");
    assertThat(request.subject().rdns()).hasSize(3);
  }

  @Test
  void subject_multiValuedRdn_isVisible() {
    CertificateRequest request =
        parsed(
            CsrForge.client("a")
                .withRdns(
                    List.of(
                        List.of(
                            new Rdn(CsrForge.O, Text.PRINTABLE, "system:nodes"),
                            new Rdn(CsrForge.CN, Text.PRINTABLE, "system:node:a")))));
    assertThat(request.subject().rdns()).hasSize(1);
    assertThat(request.subject().rdns().getFirst().attributes()).hasSize(2);
    assertThat(request.subject()).hasToString("O=\"system:nodes\" + CN=\"system:node:a\"");
  }

  @Test
  void subject_empty_isVisible() {
    assertThat(parsed(CsrForge.client("a").withSubject()).subject().rdns()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void subject_stringType_isVisible(Text type) {
    String value = type == Text.NUMERIC ? "12" : "ab";
    CertificateRequest request =
        parsed(CsrForge.client("a").withSubject(new Rdn(CsrForge.CN, type, value)));
    assertThat(request.subject().attributes())
        .singleElement()
        .satisfies(
            attribute -> {
              assertThat(attribute.type().name()).isEqualTo(type.name());
              assertThat(attribute.value()).isEqualTo(value);
            });
  }

  @Test
  void subject_valueThatIsNoString_isVisibleAsOther() {
    byte[] name =
        DerWriter.sequence(
            DerWriter.setOf(
                List.of(DerWriter.sequence(DerWriter.oid("2.5.4.3"), DerWriter.integer(7)))));
    NameAttribute attribute =
        parsed(CsrForge.client("a").withRawSubject(name)).subject().attributes().getFirst();
    assertThat(attribute.type()).isEqualTo(StringType.OTHER);
    assertThat(attribute.value()).isEqualTo("020107");
    assertThat(attribute.encoded()).isEqualTo(Bytes.fromHex("020107"));
  }

  @Test
  void subject_valueOfContextTag_isVisibleAsOther() {
    byte[] name =
        DerWriter.sequence(
            DerWriter.setOf(
                List.of(
                    DerWriter.sequence(
                        DerWriter.oid("2.5.4.3"), DerWriter.implicit(12, new byte[] {0x41})))));
    NameAttribute attribute =
        parsed(CsrForge.client("a").withRawSubject(name)).subject().attributes().getFirst();
    assertThat(attribute.type()).isEqualTo(StringType.OTHER);
  }

  @Test
  void subject_brokenStructure_isMalformed() {
    byte[] oid = DerWriter.oid("2.5.4.3");
    byte[] text = DerWriter.utf8("a");
    assertThat(malformed(CsrForge.client("a").withRawSubject(DerWriter.utf8("a"))))
        .isEqualTo("request.subject: got UTF8String; want SEQUENCE");
    assertThat(malformed(CsrForge.client("a").withRawSubject(DerWriter.sequence(oid))))
        .isEqualTo("request.subject[0]: got OBJECT IDENTIFIER; want SET");
    assertThat(
            malformed(
                CsrForge.client("a")
                    .withRawSubject(DerWriter.sequence(DerWriter.setOf(List.of())))))
        .isEqualTo("request.subject[0]: got 0 elements; want at least 1");
    assertThat(
            malformed(
                CsrForge.client("a")
                    .withRawSubject(
                        DerWriter.sequence(
                            DerWriter.setOf(List.of(DerWriter.sequence(oid, text, text)))))))
        .isEqualTo("request.subject[0][0]: got 3 elements; want exactly 2");
    assertThat(
            malformed(
                CsrForge.client("a")
                    .withRawSubject(
                        DerWriter.sequence(
                            DerWriter.setOf(List.of(DerWriter.sequence(text, text)))))))
        .isEqualTo("request.subject[0][0].type: got UTF8String; want OBJECT IDENTIFIER");
  }

  // ---- names

  @Test
  void sans_everyType_isKeptInOrder() {
    CertificateRequest request =
        parsed(
            CsrForge.client("a")
                .withUri("spiffe://x")
                .withEmail("a@b")
                .withDns("*.a")
                .withIp("::ffff:192.0.2.1")
                .withIpBytes(new byte[] {1, 2, 3})
                .withDirectoryName("kubernetes")
                .withOtherName("1.3.6.1.4.1.311.20.2.3", "admin")
                .withRegisteredId("1.2.3")
                .withGeneralName(false, 9, new byte[] {1}));
    assertThat(request.sans())
        .extracting(san -> san.getClass().getSimpleName())
        .containsExactly("Uri", "Email", "Dns", "Ip", "Ip", "Other", "Other", "Other", "Other");
    assertThat(request.sans())
        .contains(
            new SubjectAltName.Uri("spiffe://x"),
            new SubjectAltName.Email("a@b"),
            new SubjectAltName.Dns("*.a"),
            new SubjectAltName.Ip(Bytes.fromHex("010203")));
    assertThat(request.sans())
        .filteredOn(SubjectAltName.Other.class::isInstance)
        .extracting(san -> ((SubjectAltName.Other) san).tagNumber())
        .containsExactly(4, 0, 8, 9);
    assertThat(request.sans().get(5).encoded().toHex())
        .contains(Bytes.ofUtf8("kubernetes").toHex());
  }

  @Test
  void sans_wholeList_isEncodedAsRead() {
    CertificateRequest request =
        parsed(SERVING.withUri("u:").withEmail("e").withRegisteredId("1.2"));
    assertThat(SubjectAltName.encodeAll(request.sans()))
        .isEqualTo(request.extensions().getFirst().value());
  }

  @Test
  void sans_secondExtension_isVisible() {
    CertificateRequest request = parsed(SERVING.withSecondSanExtension("kubernetes"));
    assertThat(request.extensions()).hasSize(2);
    assertThat(request.sans()).endsWith(new SubjectAltName.Dns("kubernetes"));
  }

  @Test
  void sans_inSecondAttribute_areVisible() {
    CertificateRequest request = parsed(SERVING.withSecondExtensionRequest("kubernetes"));
    assertThat(request.attributes()).hasSize(2);
    assertThat(request.extensions()).hasSize(2);
    assertThat(request.sans()).endsWith(new SubjectAltName.Dns("kubernetes"));
  }

  @Test
  void sans_inSecondValueOfAttribute_areVisible() {
    byte[] first = extensions("a");
    byte[] second = extensions("kubernetes");
    CertificateRequest request =
        parsed(
            CsrForge.client("a").withAttribute(RequestAttribute.EXTENSION_REQUEST, first, second));
    assertThat(request.attributes().getFirst().values()).hasSize(2);
    assertThat(request.sans())
        .containsExactly(new SubjectAltName.Dns("a"), new SubjectAltName.Dns("kubernetes"));
  }

  private static byte[] extensions(String dnsName) {
    return DerWriter.sequence(
        DerWriter.sequence(
            DerWriter.oid(RequestedExtension.SUBJECT_ALT_NAME),
            DerWriter.octetString(
                SubjectAltName.encodeAll(List.of(new SubjectAltName.Dns(dnsName))).toByteArray())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "040100     | request.extensions[0].value: got OCTET STRING; want SEQUENCE",
        "3000       | request.extensions[0].value: got 0 elements; want at least 1",
        "30030201 05 | request.extensions[0].value[0]: got INTEGER; want a context tag",
        "300382 01ff | request.extensions[0].value[0]: got byte ff; want 7-bit text",
        "300381 0180 | request.extensions[0].value[0]: got byte 80; want 7-bit text",
        "3004a2020500 | request.extensions[0].value[0]: got a constructed [2]; want a primitive"
            + " one",
        "3004a7020500 | request.extensions[0].value[0]: got a constructed [7]; want a primitive"
            + " one",
        "3004a8020500 | request.extensions[0].value[0]: got a constructed [8]; want a primitive"
            + " one",
        "3003800100 | request.extensions[0].value[0]: got a primitive [0]; want a constructed one",
        "3003830100 | request.extensions[0].value[0]: got a primitive [3]; want a constructed one",
        "3003850100 | request.extensions[0].value[0]: got a primitive [5]; want a constructed one",
        "3003820161 00 | request.extensions[0].value byte 5: got 1 bytes after the value; want"
            + " nothing",
        "3080820161 0000 | request.extensions[0].value byte 1: got an indefinite length; want a"
            + " definite one",
        "'' | request.extensions[0].value byte 0: got the end; want a value",
      })
  void sans_notGeneralNames_areMalformed(String hex, String message) {
    byte[] value = Bytes.fromHex(hex.replace(" ", "")).toByteArray();
    assertThat(
            malformed(
                CsrForge.client("a")
                    .withExtension(RequestedExtension.SUBJECT_ALT_NAME, false, value)))
        .isEqualTo(message);
  }

  @Test
  void ip_length_decidesWhetherItIsAnAddress() {
    assertThat(new SubjectAltName.Ip(Bytes.fromHex("c000020a")).inetAddress())
        .isEqualTo(Optional.of(InetAddress.ofLiteral("192.0.2.10")));
    assertThat(
            new SubjectAltName.Ip(Bytes.fromHex("20010db8" + "00".repeat(11) + "01")).inetAddress())
        .isEqualTo(Optional.of(InetAddress.ofLiteral("2001:db8::1")));
    assertThat(new SubjectAltName.Ip(Bytes.fromHex("c00002")).inetAddress()).isEmpty();
    assertThat(new SubjectAltName.Ip(Bytes.fromHex("c000020a00")).inetAddress()).isEmpty();
    assertThat(new SubjectAltName.Ip(Bytes.empty()).inetAddress()).isEmpty();
  }

  @Test
  void ip_mapped_isTold() {
    String zeros = "00".repeat(10);
    assertThat(mapped(zeros + "ffff" + "c0000201")).isTrue();
    assertThat(mapped(zeros + "fffe" + "c0000201")).isFalse();
    assertThat(mapped(zeros + "feff" + "c0000201")).isFalse();
    assertThat(mapped("01" + "00".repeat(9) + "ffff" + "c0000201")).isFalse();
    assertThat(mapped("00".repeat(9) + "01" + "ffff" + "c0000201")).isFalse();
    assertThat(mapped("c0000201")).isFalse();
    assertThat(new SubjectAltName.Ip(Bytes.fromHex(zeros + "ffff" + "c0000201")).inetAddress())
        .isEqualTo(Optional.of(InetAddress.ofLiteral("192.0.2.1")));
  }

  private static boolean mapped(String hex) {
    return new SubjectAltName.Ip(Bytes.fromHex(hex)).isIpv4Mapped();
  }

  // ---- extensions and attributes

  @Test
  void extensions_unknownAndDuplicate_areVisible() {
    CertificateRequest request =
        parsed(
            SERVING
                .withAuthorityConstraint()
                .withExtension("1.2.3.4", true, new byte[] {9})
                .withExtension("1.2.3.4", false, new byte[] {8}));
    assertThat(request.extensions().subList(1, 4))
        .containsExactly(
            new RequestedExtension(
                RequestedExtension.BASIC_CONSTRAINTS, true, Bytes.fromHex("30030101ff")),
            new RequestedExtension("1.2.3.4", true, Bytes.fromHex("09")),
            new RequestedExtension("1.2.3.4", false, Bytes.fromHex("08")));
  }

  @Test
  void attributes_unknownAndDuplicate_areVisible() {
    CertificateRequest request =
        parsed(
            SERVING
                .withAttribute(RequestAttribute.CHALLENGE_PASSWORD, DerWriter.utf8("a"))
                .withAttribute("1.2.3", DerWriter.nullValue())
                .withAttribute("1.2.3", DerWriter.nullValue()));
    assertThat(request.attributes())
        .extracting(RequestAttribute::oid)
        .containsExactly(
            RequestAttribute.EXTENSION_REQUEST,
            RequestAttribute.CHALLENGE_PASSWORD,
            "1.2.3",
            "1.2.3");
    assertThat(request.attributes().get(1).values()).containsExactly(Bytes.fromHex("0c0161"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0500 | request.attributes[0].values[0]: got NULL; want SEQUENCE",
        "3000 | request.attributes[0].values[0]: got 0 elements; want at least 1",
        "30020500 | request.attributes[0].values[0][0]: got NULL; want SEQUENCE",
        "30053003060155 | request.attributes[0].values[0][0]: got 1 elements; want 2 to 3",
        "30073005 060155 0500 | request.attributes[0].values[0][0].value: got NULL; want OCTET"
            + " STRING",
        "30073005 0500 060155 | request.attributes[0].values[0][0].id: got NULL; want OBJECT"
            + " IDENTIFIER",
        "300a3008 060155 010100 0400 | request.attributes[0].values[0][0].critical: got FALSE; want"
            + " its default left out, as DER wants it",
        "30093007 060155 0500 0400 | request.attributes[0].values[0][0].critical: got NULL; want"
            + " BOOLEAN",
        "300c300a 060155 0101ff 0400 0500 | request.attributes[0].values[0][0]: got 4 elements;"
            + " want 2 to 3",
      })
  void extensions_brokenStructure_areMalformed(String hex, String message) {
    byte[] value = Bytes.fromHex(hex.replace(" ", "")).toByteArray();
    assertThat(
            malformed(
                CsrForge.client("a").withAttribute(RequestAttribute.EXTENSION_REQUEST, value)))
        .isEqualTo(message);
  }

  @Test
  void attribute_withoutValues_isMalformed() {
    assertThat(malformed(CsrForge.client("a").withAttribute("1.2.3")))
        .isEqualTo("request.attributes[0].values: got 0 elements; want at least 1");
  }

  // ---- the frame

  @Test
  void version_other_isMalformed() {
    assertThat(malformed(SERVING.withVersion(1))).isEqualTo("request.version: got 1; want 0");
    assertThat(malformed(SERVING.withVersion(-1))).isEqualTo("request.version: got -1; want 0");
  }

  @Test
  void trailing_bytes_areMalformed() {
    int size = SERVING.withKey(TestKeys.ed25519()).der().length;
    assertThat(malformed(SERVING.withKey(TestKeys.ed25519()).withTrailing((byte) 0)))
        .isEqualTo("request byte " + size + ": got 1 bytes after the value; want nothing");
  }

  @Test
  void frame_otherNumberOfParts_isMalformed() {
    assertThat(malformed(rebuilt(parts -> new byte[][] {parts[0], parts[1]})))
        .isEqualTo("request: got 2 elements; want exactly 3");
    assertThat(malformed(rebuilt(parts -> new byte[][] {parts[0], parts[1], parts[2], parts[2]})))
        .isEqualTo("request: got 4 elements; want exactly 3");
    assertThat(malformed(rebuilt(parts -> new byte[][] {parts[0], parts[1], parts[1]})))
        .isEqualTo("request.signature: got SEQUENCE; want BIT STRING");
    assertThat(malformed(rebuilt(parts -> new byte[][] {parts[0], parts[2], parts[2]})))
        .isEqualTo("request.signatureAlgorithm: got BIT STRING; want SEQUENCE");
    assertThat(malformed(rebuilt(parts -> new byte[][] {parts[1], parts[1], parts[2]})))
        .isEqualTo("request.info: got 1 elements; want exactly 4");
    assertThat(
            malformed(
                rebuilt(
                    parts ->
                        new byte[][] {
                          parts[0], DerWriter.sequence(DerWriter.nullValue()), parts[2]
                        })))
        .isEqualTo("request.signatureAlgorithm: got NULL; want OBJECT IDENTIFIER");
    assertThat(
            malformed(
                rebuilt(
                    parts ->
                        new byte[][] {parts[0], parts[1], DerWriter.tagged(3, new byte[] {1, 0})})))
        .isEqualTo("request.signature: got 1 unused bits; want whole bytes");
  }

  @Test
  void attributes_underAnotherTag_areMalformed() {
    assertThat(malformed(attributesTagged((byte) 0xa1)))
        .isEqualTo("request.attributes: got [1]; want a constructed [0]");
    assertThat(malformed(attributesTagged((byte) 0x80)))
        .isEqualTo("request.attributes: got [0]; want a constructed [0]");
  }

  /** A request whose empty attributes, the end of its first part, have another tag. */
  private static byte[] attributesTagged(byte tag) {
    byte[][] parts = parts(CsrForge.client("a").der());
    int attributes = parts[0].length - 2;
    assertThat(parts[0][attributes]).isEqualTo((byte) 0xa0);
    parts[0][attributes] = tag;
    return DerWriter.sequence(parts);
  }

  private static byte[] rebuilt(UnaryOperator<byte[][]> change) {
    return DerWriter.sequence(change.apply(parts(SERVING.der())));
  }

  private static byte[][] parts(byte[] request) {
    try {
      return DerValue.parse(Bytes.copyOf(request)).children().stream()
          .map(part -> part.encoded().toByteArray())
          .toArray(byte[][]::new);
    } catch (DerException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ber_indefiniteLength_isMalformed() {
    assertThat(
            malformed(
                SERVING.withDer(
                    der -> {
                      // 30 82 hh ll … becomes 30 80 … 00 00
                      byte[] ber = new byte[der.length];
                      ber[0] = 0x30;
                      ber[1] = (byte) 0x80;
                      System.arraycopy(der, 4, ber, 2, der.length - 4);
                      return ber;
                    })))
        .isEqualTo("request byte 1: got an indefinite length; want a definite one");
  }

  @Test
  void ber_longLength_isMalformed() {
    assertThat(
            malformed(
                SERVING.withDer(
                    der -> {
                      byte[] ber = new byte[der.length + 1];
                      ber[0] = 0x30;
                      ber[1] = (byte) 0x83;
                      System.arraycopy(der, 2, ber, 3, der.length - 2);
                      return ber;
                    })))
        .contains("written in 3 bytes; want the shortest form");
  }

  @Test
  void size_aboveTheLimit_isMalformed() {
    assertThat(malformed(new byte[CertificateRequest.MAX_SIZE + 1]))
        .isEqualTo("request: got 262145 bytes; want at most 262144");
    assertThat(malformed(new byte[CertificateRequest.MAX_SIZE])).startsWith("request byte 0: ");
    assertThat(
            message(CertificateRequest.parsePem("x".repeat(2 * CertificateRequest.MAX_SIZE + 1))))
        .isEqualTo("pem: got 524289 characters; want at most 524288");
    assertThat(message(CertificateRequest.parsePem("x".repeat(2 * CertificateRequest.MAX_SIZE))))
        .startsWith("pem line 1: ");
  }

  // ---- PEM

  @Test
  void pem_kubeletsRequest_isReadAndWrittenAlike() {
    String pem = SERVING.pem();
    ParseResult<CertificateRequest> outcome = CertificateRequest.parsePem(pem);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            ParseResult.Parsed.class,
            parsed -> assertThat(((CertificateRequest) parsed.value()).toPem()).isEqualTo(pem));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NEW CERTIFICATE REQUEST", "CERTIFICATE", "certificate request"})
  void pem_otherLabel_isMalformed(String label) {
    assertThat(message(CertificateRequest.parsePem(CsrForge.pem(label, SERVING.der()))))
        .isEqualTo(
            "pem line 1: got \"-----BEGIN "
                + label
                + "-----\"; want -----BEGIN CERTIFICATE REQUEST-----");
  }

  @Test
  void pem_secondBlock_isMalformed() {
    assertThat(message(CertificateRequest.parsePem(SERVING.pem() + SERVING.pem())))
        .contains("want nothing after the block");
  }

  @Test
  void pem_preamble_isMalformed() {
    assertThat(message(CertificateRequest.parsePem("Certificate Request:\n" + SERVING.pem())))
        .isEqualTo(
            "pem line 1: got \"Certificate Request:\"; want -----BEGIN CERTIFICATE REQUEST-----");
  }

  @Test
  void pem_headers_areMalformed() {
    String pem = SERVING.pem();
    int firstLineEnd = pem.indexOf('\n') + 1;
    String withHeader =
        pem.substring(0, firstLineEnd) + "Subject: other\n\n" + pem.substring(firstLineEnd);
    assertThat(message(CertificateRequest.parsePem(withHeader)))
        .startsWith("pem line 2: got a header");
  }

  @Test
  void pem_carriageReturnsOnly_isMalformed() {
    assertThat(message(CertificateRequest.parsePem(SERVING.pem().replace('\n', '\r'))))
        .startsWith("pem line 1: ");
  }

  @Test
  void pem_everyTruncation_isMalformed() {
    byte[] der = SERVING.der();
    for (int length = 0; length < der.length; length++) {
      assertThat(malformed(Arrays.copyOf(der, length))).contains("; want ");
    }
    String pem =
        new String(SERVING.pem().getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
    for (int length = 0; length < pem.length() - 1; length++) {
      assertThat(message(CertificateRequest.parsePem(pem.substring(0, length))))
          .contains("; want ");
    }
  }
}
