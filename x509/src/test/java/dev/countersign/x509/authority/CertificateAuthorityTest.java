package dev.countersign.x509.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.x509.authority.CertificateProfile.Purpose;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.ProofOfPossession;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.5Z");
  private static final Duration YEAR = Duration.ofDays(365);
  private static final DistinguishedName CA_NAME =
      DistinguishedName.of(List.of("countersign"), "kubernetes-ca");
  private static final DistinguishedName NODE =
      DistinguishedName.of(List.of("system:nodes"), "system:node:a");
  private static final List<SubjectAltName> SANS =
      List.of(
          new SubjectAltName.Dns("a"),
          SubjectAltName.Ip.of(InetAddress.ofLiteral("192.0.2.1")),
          SubjectAltName.Ip.of(InetAddress.ofLiteral("2001:db8::1")));
  private static final KeyPair KEYS = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private static final KeyPair LEAF_KEYS = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private static final CertificateAuthority CA = authority(CA_NAME, YEAR);

  private static CertificateAuthority authority(DistinguishedName name, Duration validity) {
    return CertificateAuthority.create(
        CertificateProfile.authority(name, validity), KEYS, RANDOM, NOW);
  }

  private static Certificate issue(Purpose purpose, Duration validity, Instant at) {
    return CA.issue(
        new CertificateProfile(NODE, purpose, SANS, validity), LEAF_KEYS.publicKey(), RANDOM, at);
  }

  @Test
  void create_authority_isSelfSignedAndMayIssue() {
    Certificate certificate = CA.certificate();
    assertThat(certificate.isAuthority()).isTrue();
    assertThat(certificate.subject()).isEqualTo(CA_NAME);
    assertThat(certificate.issuer()).isEqualTo(CA_NAME);
    assertThat(certificate.notBefore()).isEqualTo("2026-03-01T11:55:00Z");
    assertThat(certificate.notAfter()).isEqualTo("2027-03-01T12:00:00Z");
    assertThat(certificate.x509().getKeyUsage())
        .containsExactly(true, false, false, false, false, true, true, false, false);
    assertThat(certificate.extendedKeyUsages()).isEmpty();
    assertThat(certificate.subjectKeyIdentifier())
        .isPresent()
        .isEqualTo(certificate.authorityKeyIdentifier());
    assertThat(certificate.key()).isEqualTo(KEYS.description());
    assertThat(certificate.extensions())
        .filteredOn(RequestedExtension::critical)
        .extracting(RequestedExtension::oid)
        .containsExactly("2.5.29.15", "2.5.29.19");
  }

  @Test
  void create_profileOfALeaf_isRefused() {
    CertificateProfile client = CertificateProfile.client(NODE, YEAR);
    assertThatThrownBy(() -> CertificateAuthority.create(client, KEYS, RANDOM, NOW))
        .hasMessage("profile.purpose: got CLIENT; want AUTHORITY");
  }

  @ParameterizedTest
  @EnumSource
  void issue_everyPurpose_saysThatAndNoMore(Purpose purpose) {
    Certificate certificate = issue(purpose, Duration.ofDays(1), NOW);
    Set<ExtendedKeyUsage> usages =
        switch (purpose) {
          case AUTHORITY -> Set.of();
          case SERVER -> Set.of(ExtendedKeyUsage.SERVER_AUTH);
          case CLIENT -> Set.of(ExtendedKeyUsage.CLIENT_AUTH);
          case SERVER_AND_CLIENT ->
              Set.of(ExtendedKeyUsage.SERVER_AUTH, ExtendedKeyUsage.CLIENT_AUTH);
        };
    assertThat(certificate.extendedKeyUsages()).isEqualTo(usages);
    assertThat(certificate.isAuthority()).isEqualTo(purpose == Purpose.AUTHORITY);
    assertThat(certificate.subject()).isEqualTo(NODE);
    assertThat(certificate.issuer()).isEqualTo(CA_NAME);
    assertThat(certificate.sans()).isEqualTo(SANS);
    assertThat(certificate.authorityKeyIdentifier())
        .isPresent()
        .isEqualTo(CA.certificate().subjectKeyIdentifier());
    assertThat(certificate.subjectKeyIdentifier())
        .isPresent()
        .isNotEqualTo(CA.certificate().subjectKeyIdentifier());
    assertThat(certificate.subjectKeyIdentifier().orElseThrow().size()).isEqualTo(20);
    assertThat(certificate.key()).isEqualTo(LEAF_KEYS.description());
    assertThat(certificate.extensions())
        .extracting(RequestedExtension::oid)
        .contains("2.5.29.15", "2.5.29.19");
    boolean signs = purpose == Purpose.AUTHORITY;
    assertThat(certificate.x509().getKeyUsage())
        .containsExactly(true, false, false, false, false, signs, signs, false, false);
  }

  @Test
  void issue_withoutNames_hasNoSanExtension() {
    Certificate client =
        CA.issue(CertificateProfile.client(NODE, YEAR), LEAF_KEYS.publicKey(), RANDOM, NOW);
    assertThat(client.sans()).isEmpty();
    assertThat(client.extensions())
        .extracting(RequestedExtension::oid)
        .doesNotContain(RequestedExtension.SUBJECT_ALT_NAME);
    assertThat(
            CA.issue(
                    CertificateProfile.serverAndClient(NODE, SANS, YEAR),
                    LEAF_KEYS.publicKey(),
                    RANDOM,
                    NOW)
                .extendedKeyUsages())
        .hasSize(2);
  }

  @Test
  void issue_rsaLeaf_mayEncipherKeys() {
    KeyPair rsa = KeyPair.generate(KeySpec.RSA_2048, RANDOM);
    Certificate certificate =
        CA.issue(CertificateProfile.server(NODE, SANS, YEAR), rsa.publicKey(), RANDOM, NOW);
    assertThat(certificate.x509().getKeyUsage())
        .containsExactly(true, false, true, false, false, false, false, false, false);
  }

  @Test
  void issue_serial_is127BitsAndNew() {
    Certificate one = issue(Purpose.SERVER, YEAR, NOW);
    assertThat(one.serial().bitLength()).isEqualTo(127);
    assertThat(one.serial().signum()).isEqualTo(1);
    assertThat(one.serial()).isNotEqualTo(issue(Purpose.SERVER, YEAR, NOW).serial());
  }

  @Test
  void issue_validity_neverLeavesTheAuthoritys() {
    Certificate late = issue(Purpose.SERVER, YEAR, NOW.plus(Duration.ofDays(300)));
    assertThat(late.notAfter()).isEqualTo(CA.certificate().notAfter());
    assertThat(late.notBefore()).isEqualTo("2026-12-26T11:55:00Z");
    Certificate early = issue(Purpose.SERVER, Duration.ofDays(1), NOW.minusSeconds(60));
    assertThat(early.notBefore()).isEqualTo(CA.certificate().notBefore());
    assertThat(early.notAfter()).isEqualTo("2026-03-02T11:59:00Z");
  }

  @Test
  void issue_byAnExpiredAuthority_isRefused() {
    Instant end = CA.certificate().notAfter();
    assertThatThrownBy(() -> issue(Purpose.SERVER, YEAR, end))
        .hasMessage("now: got " + end + "; want a moment before the authority's end, " + end);
    assertThat(issue(Purpose.SERVER, YEAR, end.minusSeconds(1)).notAfter()).isEqualTo(end);
  }

  @Test
  void create_yearsFrom2050_areWrittenInFull() {
    Instant second = Instant.parse("2026-03-01T12:00:00Z");
    Duration until2050 = Duration.between(second, Instant.parse("2050-01-01T00:00:00Z"));
    Certificate before = authority(CA_NAME, until2050.minusSeconds(1)).certificate();
    assertThat(before.notAfter()).isEqualTo("2049-12-31T23:59:59Z");
    assertThat(before.der().toHex()).contains("170d" + Bytes.ofUtf8("491231235959Z").toHex());
    Certificate from = authority(CA_NAME, until2050).certificate();
    assertThat(from.notAfter()).isEqualTo("2050-01-01T00:00:00Z");
    assertThat(from.der().toHex()).contains("180f" + Bytes.ofUtf8("20500101000000Z").toHex());
  }

  /** Making such a key takes seconds, which mutation testing spares itself. */
  @Test
  @Tag("large-keys")
  void authority_ofAnRsaKeyOf3072Bits_issuesWhatItsVerifierTrusts() {
    authority_ofEveryKey_issuesWhatItsVerifierTrusts(KeySpec.RSA_3072);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"RSA_3072", "RSA_4096"},
      mode = EnumSource.Mode.EXCLUDE)
  void authority_ofEveryKey_issuesWhatItsVerifierTrusts(KeySpec spec) {
    KeyPair keys = KeyPair.generate(spec, RANDOM);
    CertificateAuthority ca =
        CertificateAuthority.create(CertificateProfile.authority(CA_NAME, YEAR), keys, RANDOM, NOW);
    Certificate leaf =
        ca.issue(CertificateProfile.client(NODE, YEAR), keys.publicKey(), RANDOM, NOW);
    assertThat(
            ChainVerifier.trusting(List.of(ca.certificate()))
                .verify(List.of(leaf), ExtendedKeyUsage.CLIENT_AUTH, NOW))
        .isEqualTo(new ChainVerdict.Trusted());
    String digest =
        switch (spec) {
          case ECDSA_P384 -> "SHA384withECDSA";
          case ECDSA_P521 -> "SHA512withECDSA";
          case ECDSA_P256 -> "SHA256withECDSA";
          case ED25519 -> "Ed25519";
          case RSA_2048, RSA_3072, RSA_4096 -> "SHA256withRSA";
        };
    assertThat(leaf.x509().getSigAlgName()).isEqualTo(digest);
  }

  @Test
  void create_sameChance_isTheSameCertificate() {
    for (KeySpec spec : List.of(KeySpec.RSA_2048, KeySpec.ED25519)) {
      KeyPair keys = KeyPair.generate(spec, RANDOM);
      assertThat(repeatable(keys)).isEqualTo(repeatable(keys));
    }
  }

  private static Certificate repeatable(KeyPair keys) {
    return CertificateAuthority.create(
            CertificateProfile.authority(CA_NAME, YEAR), keys, new RepeatingRandom(), NOW)
        .certificate();
  }

  /** The same numbers each time. */
  private static final class RepeatingRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private byte next;

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = next++;
      }
    }
  }

  // ---- loading

  @Test
  void load_ownCertificateAndKey_issues() {
    CertificateAuthority loaded = CertificateAuthority.load(CA.certificate(), KEYS).orThrow();
    assertThat(loaded.certificate()).isEqualTo(CA.certificate());
    assertThat(loaded.keys()).isSameAs(KEYS);
  }

  @Test
  void load_leaf_isRefused() {
    assertThat(CertificateAuthority.load(issue(Purpose.SERVER, YEAR, NOW), LEAF_KEYS))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class, u -> assertThat(u.message()).contains("without CA:TRUE"));
  }

  @Test
  void load_anotherKey_isRefused() {
    assertThat(CertificateAuthority.load(CA.certificate(), LEAF_KEYS))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            u -> assertThat(u.message()).startsWith("key: got the key of another certificate"));
  }

  @Test
  void toString_containsNoSecret() {
    assertThat(CA.toString())
        .contains("kubernetes-ca")
        .endsWith(", key redacted]")
        .doesNotContain("PRIVATE");
  }

  @Test
  void profile_validityOfZero_isRefused() {
    assertThatThrownBy(() -> CertificateProfile.client(NODE, Duration.ZERO))
        .hasMessage("validity: got PT0S; want a duration above zero");
  }

  // ---- requests

  @ParameterizedTest
  @EnumSource(
      names = {"RSA_3072", "RSA_4096"},
      mode = EnumSource.Mode.EXCLUDE)
  void request_ofAKubelet_readsBackAndProvesItsKey(KeySpec spec) {
    KeyPair keys = KeyPair.generate(spec, RANDOM);
    CertificateRequest request = RequestSigner.kubeletServing("a", SANS, keys, RANDOM);
    assertThat(request.subject()).isEqualTo(NODE);
    assertThat(request.sans()).isEqualTo(SANS);
    assertThat(request.key()).isEqualTo(keys.description());
    assertThat(request.proofOfPossession()).isInstanceOf(ProofOfPossession.Proven.class);
    assertThat(CertificateRequest.parsePem(request.toPem())).isEqualTo(ParseResult.parsed(request));
    assertThat(RequestSigner.kubeletClient("a", keys, RANDOM).attributes()).isEmpty();
  }

  // ---- authorities that others made

  private static X509v3CertificateBuilder foreign() throws Exception {
    return new X509v3CertificateBuilder(
            new X500Name("CN=foreign"),
            BigInteger.TWO,
            Date.from(NOW),
            Date.from(NOW.plus(YEAR)),
            new X500Name("CN=foreign"),
            SubjectPublicKeyInfo.getInstance(KEYS.publicKey().getEncoded()))
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
  }

  private static ParseResult<CertificateAuthority> load(X509v3CertificateBuilder builder)
      throws Exception {
    Bytes der =
        Bytes.copyOf(
            builder
                .build(
                    new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(KEYS.privateKey(SecretAccess.because("signs in a test"))))
                .getEncoded());
    return CertificateAuthority.load(Certificate.parseDer(der).orThrow(), KEYS);
  }

  @Test
  void load_keyUsageWithoutCertificates_isRefused() throws Exception {
    assertThat(
            load(
                foreign()
                    .addExtension(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign))))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            u -> assertThat(u.message()).contains("that must not sign certificates"));
    assertThat(
            load(foreign()
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)))
                .orThrow()
                .keys())
        .isSameAs(KEYS);
  }

  @Test
  void issue_byAnAuthorityWithoutKeyIdentifier_namesTheOneItWouldHave() throws Exception {
    Certificate leaf =
        load(foreign())
            .orThrow()
            .issue(CertificateProfile.client(NODE, YEAR), LEAF_KEYS.publicKey(), RANDOM, NOW);

    assertThat(leaf.authorityKeyIdentifier())
        .isPresent()
        .isEqualTo(CA.certificate().subjectKeyIdentifier());
    assertThat(leaf.issuer()).hasToString("CN=\"foreign\"");
  }

  @Test
  void request_forAnyExtension_asksForItAsCriticalAsSaid() {
    List<RequestedExtension> extensions =
        List.of(
            new RequestedExtension("2.5.29.19", true, Bytes.fromHex("30030101ff")),
            new RequestedExtension("1.2.3", false, Bytes.fromHex("0500")));

    assertThat(RequestSigner.signWithExtensions(NODE, extensions, LEAF_KEYS, RANDOM).extensions())
        .isEqualTo(extensions);
  }
}
