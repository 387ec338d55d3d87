package dev.countersign.x509.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v1CertificateBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class CertificateTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final KeyPair KEYS = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private static final Certificate ONE = authority("one");
  private static final Certificate TWO = authority("two");

  private static Certificate authority(String name) {
    return CertificateAuthority.create(
            CertificateProfile.authority(DistinguishedName.of(List.of(), name), Duration.ofDays(1)),
            KEYS,
            RANDOM,
            NOW)
        .certificate();
  }

  private static String message(ParseResult<?> reading) {
    return switch (reading) {
      case ParseResult.Parsed<?> read -> throw new AssertionError("was read: " + read);
      case ParseResult.Refused<?> unreadable -> unreadable.message();
    };
  }

  @Test
  void parse_ownPem_isEqual() {
    assertThat(Certificate.parsePem(ONE.toPem()).orThrow()).isEqualTo(ONE);
    assertThat(Certificate.parseDer(ONE.der()).orThrow()).hasSameHashCodeAs(ONE);
    assertThat(Certificate.of(ONE.x509())).isEqualTo(ONE);
    assertThat(ONE).isNotEqualTo(TWO).isNotEqualTo("");
    assertThat(ONE.hashCode()).isNotEqualTo(TWO.hashCode());
  }

  @Test
  void parseChain_bundle_keepsTheOrder() {
    assertThat(Certificate.parseChain(Certificate.toPem(List.of(TWO, ONE))).orThrow())
        .containsExactly(TWO, ONE);
  }

  @Test
  void parseChain_combinedFile_skipsTheKey() {
    String key =
        KEYS.privateKeyPem(PrivateKeyFormat.TRADITIONAL)
            .reveal(SecretAccess.because("put into a file of a test"));
    assertThat(Certificate.parseChain(ONE.toPem() + key).orThrow()).containsExactly(ONE);
  }

  @Test
  void parse_otherText_saysWhat() {
    assertThat(message(Certificate.parseChain("")))
        .isEqualTo("pem: got no certificate; want at least one");
    assertThat(message(Certificate.parsePem(ONE.toPem() + TWO.toPem())))
        .isEqualTo("certificate: got 2 certificates; want exactly one");
    assertThat(
            message(
                Certificate.parseChain(
                    ONE.toPem() + Pem.encode("CERTIFICATE", Bytes.fromHex("3000")))))
        .isEqualTo("pem certificate 2: certificate: got 2 bytes of something else; want X.509");
    assertThat(message(Certificate.parseDer(Bytes.copyOf(trailing(ONE.der().toByteArray())))))
        .contains("bytes after the value");
  }

  private static byte[] trailing(byte[] der) {
    return Arrays.copyOf(der, der.length + 1);
  }

  @Test
  void parse_version1_isRefused() throws Exception {
    Bytes der =
        Bytes.copyOf(
            new X509v1CertificateBuilder(
                    new X500Name("CN=x"),
                    BigInteger.ONE,
                    Date.from(NOW),
                    Date.from(NOW.plusSeconds(60)),
                    new X500Name("CN=x"),
                    SubjectPublicKeyInfo.getInstance(KEYS.publicKey().getEncoded()))
                .build(signer())
                .getEncoded());
    assertThat(message(Certificate.parseDer(der)))
        .isEqualTo("certificate.info: got 6 elements; want at least 7");
  }

  @Test
  void parse_foreignCertificate_isDescribed() throws Exception {
    Bytes der =
        Bytes.copyOf(
            new X509v3CertificateBuilder(
                    new X500Name("CN=issuer"),
                    BigInteger.TEN,
                    Date.from(NOW),
                    Date.from(NOW.plusSeconds(60)),
                    new X500Name("CN=subject"),
                    SubjectPublicKeyInfo.getInstance(KEYS.publicKey().getEncoded()))
                .addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(
                        new KeyPurposeId[] {
                          KeyPurposeId.id_kp_codeSigning, KeyPurposeId.id_kp_serverAuth
                        }))
                .build(signer())
                .getEncoded());
    Certificate certificate = Certificate.parseDer(der).orThrow();
    assertThat(certificate.subject()).hasToString("CN=\"subject\"");
    assertThat(certificate.issuer()).hasToString("CN=\"issuer\"");
    assertThat(certificate.serial()).isEqualTo(10);
    assertThat(certificate.notBefore()).isEqualTo(NOW);
    assertThat(certificate.notAfter()).isEqualTo(NOW.plusSeconds(60));
    assertThat(certificate.extendedKeyUsages())
        .containsExactlyInAnyOrder(
            dev.countersign.x509.certificate.ExtendedKeyUsage.OTHER,
            dev.countersign.x509.certificate.ExtendedKeyUsage.SERVER_AUTH);
    assertThat(certificate.subjectKeyIdentifier()).isEmpty();
    assertThat(certificate.authorityKeyIdentifier()).isEmpty();
    assertThat(certificate.isAuthority()).isFalse();
    assertThat(certificate.sans()).isEmpty();
    assertThat(certificate)
        .hasToString("Certificate[CN=\"subject\", serial a, until 2026-03-01T12:01:00Z]");
  }

  private static ContentSigner signer() throws Exception {
    return new JcaContentSignerBuilder("SHA256withECDSA")
        .build(KEYS.privateKey(SecretAccess.because("signs the certificate of a test")));
  }

  private static X509v3CertificateBuilder foreign() {
    return new X509v3CertificateBuilder(
        new X500Name("CN=issuer"),
        BigInteger.TEN,
        Date.from(NOW),
        Date.from(NOW.plusSeconds(60)),
        new X500Name("CN=subject"),
        SubjectPublicKeyInfo.getInstance(KEYS.publicKey().getEncoded()));
  }

  private static Certificate read(X509v3CertificateBuilder builder) throws Exception {
    return Certificate.parseDer(Bytes.copyOf(builder.build(signer()).getEncoded())).orThrow();
  }

  @Test
  void parse_everyExtension_isKeptInOrder_andTheirContentsRead() throws Exception {
    byte[] subjectKey = {1, 2, 3};
    byte[] authorityKey = {4, 5};
    Certificate certificate =
        read(
            foreign()
                .addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, "node-a")))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(3))
                .addExtension(
                    Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(subjectKey))
                .addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(
                        authorityKey,
                        new GeneralNames(new GeneralName(new X500Name("CN=issuer"))),
                        BigInteger.TWO)));

    assertThat(certificate.extensions())
        .extracting(RequestedExtension::oid)
        .containsExactly("2.5.29.17", "2.5.29.19", "2.5.29.14", "2.5.29.35");
    assertThat(certificate.sans()).containsExactly(new SubjectAltName.Dns("node-a"));
    assertThat(certificate.subjectKeyIdentifier()).contains(Bytes.copyOf(subjectKey));
    assertThat(certificate.authorityKeyIdentifier()).contains(Bytes.copyOf(authorityKey));
    assertThat(certificate.key()).isEqualTo(KEYS.description());
    assertThat(certificate.isAuthority()).isTrue();
  }

  @Test
  void isAuthority_ofTheLastOfAPath_isTrue_ofALeafFalse() throws Exception {
    assertThat(
            read(foreign().addExtension(Extension.basicConstraints, true, new BasicConstraints(0)))
                .isAuthority())
        .isTrue();
    assertThat(
            read(foreign()
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false)))
                .isAuthority())
        .isFalse();
  }

  @Test
  void keyIdentifiers_thatAreNone_areLeftOut() throws Exception {
    Certificate certificate =
        read(
            foreign()
                .addExtension(
                    Extension.subjectKeyIdentifier, false, Bytes.fromHex("3000").toByteArray())
                .addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(
                        new GeneralNames(new GeneralName(new X500Name("CN=issuer"))),
                        BigInteger.TWO)));

    assertThat(certificate.subjectKeyIdentifier()).isEmpty();
    assertThat(certificate.authorityKeyIdentifier()).isEmpty();
    assertThat(certificate.extensions()).hasSize(2);
  }
}
