package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.policy.join.attestation.IssuerKeys;
import dev.countersign.policy.join.attestation.PublishedKeys;
import dev.countersign.policy.join.attestation.SignedIdentityDocument;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.request.DistinguishedName;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttestationFileTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private final KeyPair issuer = ec("secp256r1");

  private static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String file(KeyPair keys) {
    return """
    apiVersion: countersign.dev/v1alpha1
    kind: Attestation
    issuers:
    - issuer: https://cloud.example
      audience: cluster-1
      nodeClaim: compute.instance_name
      maximumAge: 10m
      keys:
      - |
    """
        + Pem.encode("PUBLIC KEY", Bytes.copyOf(keys.getPublic().getEncoded())).indent(4);
  }

  private String document(String claims) throws Exception {
    return document(issuer.getPrivate(), claims);
  }

  private static String document(PrivateKey key, String claims) throws Exception {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String signed =
        base64.encodeToString("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
    signer.initSign(key);
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + base64.encodeToString(signer.sign());
  }

  /** An issuer whose keys are in the file: what it says is known. */
  private record Issuer(SignedIdentityDocument issuer) {
    AttestationVerdict verify(String document, Instant at) {
      return switch (issuer.verify(document, at, PublishedKeys.NONE)) {
        case Fact.Known<AttestationVerdict>(AttestationVerdict verdict) -> verdict;
        case Fact.Unknown<AttestationVerdict>(String why) -> throw new AssertionError(why);
      };
    }
  }

  private static List<Issuer> parsed(String text) {
    return switch (AttestationFile.parse(text)) {
      case ParseResult.Parsed<List<SignedIdentityDocument>>(List<SignedIdentityDocument> issuers) ->
          issuers.stream().map(Issuer::new).toList();
      case ParseResult.Refused<List<SignedIdentityDocument>> refused ->
          throw new AssertionError(refused.message());
    };
  }

  private static List<ParseError> errors(String text) {
    return switch (AttestationFile.parse(text)) {
      case ParseResult.Parsed<List<SignedIdentityDocument>> _ -> List.of();
      case ParseResult.Refused<List<SignedIdentityDocument>>(List<ParseError> errors) -> errors;
    };
  }

  private static List<String> paths(String text) {
    return errors(text).stream().map(ParseError::path).toList();
  }

  private static String claims(Instant issuedAt) {
    return """
    {"iss":"https://cloud.example","aud":"cluster-1","iat":%d,"exp":%d,
     "compute":{"instance_name":"worker-1"}}
    """
        .formatted(issuedAt.getEpochSecond(), NOW.getEpochSecond() + 600);
  }

  @Test
  void issuerOfAFile_verifiesItsDocuments() throws Exception {
    List<Issuer> issuers = parsed(file(issuer));
    assertThat(issuers).hasSize(1);
    assertThat(issuers.getFirst().verify(document(claims(NOW.minusSeconds(60))), NOW))
        .isEqualTo(new AttestationVerdict.Attested("worker-1", Optional.empty()));
  }

  @Test
  void maximumAge_isThatOfTheFile() throws Exception {
    assertThat(parsed(file(issuer)).getFirst().verify(document(claims(NOW.minusSeconds(601))), NOW))
        .isInstanceOf(AttestationVerdict.Refused.class);
  }

  @Test
  void claimValidationRules_areThoseOfTheFile() throws Exception {
    String rules =
        """
          maximumAge: 10m
          claimValidationRules: [{claim: compute.project, requiredValue: ours}]
        """;
    String ruled = file(issuer).replace("  maximumAge: 10m\n", rules);
    String claims = claims(NOW.minusSeconds(60));
    assertThat(parsed(ruled).getFirst().verify(document(claims), NOW))
        .isEqualTo(new AttestationVerdict.Refused("compute.project", "nothing", "\"ours\""));
    String ours = claims.replace("\"instance_name\"", "\"project\":\"ours\",\"instance_name\"");
    assertThat(parsed(ruled).getFirst().verify(document(ours), NOW))
        .isEqualTo(new AttestationVerdict.Attested("worker-1", Optional.empty()));
    assertThat(paths(ruled.replace("requiredValue: ours", "value: ours")))
        .containsExactlyInAnyOrder(
            "issuers[0].claimValidationRules[0].requiredValue",
            "issuers[0].claimValidationRules[0].value");
  }

  @Test
  void keyOfAnotherIssuer_verifiesNothing() throws Exception {
    assertThat(
            parsed(file(ec("secp256r1")))
                .getFirst()
                .verify(document(claims(NOW.minusSeconds(60))), NOW))
        .isInstanceOf(AttestationVerdict.Refused.class);
  }

  @Test
  void errors_areAllNamedByTheirPaths() {
    assertThat(paths(file(ec("secp384r1")))).containsExactly("issuers[0].keys");
    assertThat(paths(file(issuer).replace("audience: cluster-1", "audiense: cluster-1")))
        .containsExactlyInAnyOrder("issuers[0].audience", "issuers[0].audiense");
    assertThat(paths(file(issuer).replace("10m", "0s"))).containsExactly("issuers[0].maximumAge");
    assertThat(paths(file(issuer).replaceAll("(?s)keys:.*", "keys: [nonsense]")))
        .contains("issuers[0].keys[0]");
    assertThat(paths("{apiVersion: countersign.dev/v1alpha1, kind: Attestation, issuers: []}"))
        .containsExactly("issuers");
  }

  @Test
  void errors_ofTheFileItself_areNamed() {
    assertThat(paths(file(issuer) + "x: 1\n")).containsExactly("x");
    assertThat(errors(file(issuer).replaceAll("(?s)  keys:.*", "")))
        .extracting(ParseError::path, ParseError::got)
        .containsExactly(tuple("issuers[0].keys", "nothing"));
    assertThat(paths("kind: [")).hasSize(1);
  }

  private static String withKey(String pem) {
    return file(ec("secp256r1")).replaceAll("(?s)  - \\|.*", "  - |\n") + pem.indent(4);
  }

  @Test
  void certificate_countsByItsKey() throws Exception {
    SecureRandom random = new SecureRandom();
    CertificateAuthority authority =
        CertificateAuthority.create(
            CertificateProfile.authority(
                DistinguishedName.of(List.of(), "issuer"), Duration.ofDays(1)),
            dev.countersign.x509.key.KeyPair.generate(KeySpec.ECDSA_P256, random),
            random,
            NOW);
    PrivateKey key = authority.keys().privateKey(SecretAccess.because("signs a test's document"));
    String certificate = authority.certificate().toPem();

    assertThat(
            parsed(withKey(certificate))
                .getFirst()
                .verify(document(key, claims(NOW.minusSeconds(60))), NOW))
        .isEqualTo(new AttestationVerdict.Attested("worker-1", Optional.empty()));
    String broken = Pem.encode("CERTIFICATE", Bytes.fromHex("3000"));
    assertThat(paths(withKey(broken))).contains("issuers[0].keys[0]");
    assertThat(paths(withKey(certificate + broken)))
        .as("one key that can't be read is not skipped")
        .contains("issuers[0].keys[0]");
    assertThat(paths(withKey(Pem.encode("PUBLIC KEY", Bytes.fromHex("3000")))))
        .contains("issuers[0].keys[0]");
    assertThat(paths(withKey(Pem.encode("PRIVATE KEY", Bytes.fromHex("3000")))))
        .contains("issuers[0].keys[0]");
  }

  @Test
  void keysOfEveryAlgorithm_areRead() {
    assertThat(parsed(file(TestKeys.ed25519()))).hasSize(1);
    assertThat(parsed(file(TestKeys.rsa(2048)))).hasSize(1);
  }

  @Test
  void maximumAge_isAQuarterOfAnHourUnlessTheFileSaysElse() throws Exception {
    Issuer attestation = parsed(file(issuer).replace("  maximumAge: 10m\n", "")).getFirst();

    assertThat(attestation.verify(document(claims(NOW.minusSeconds(900))), NOW))
        .isInstanceOf(AttestationVerdict.Attested.class);
    assertThat(attestation.verify(document(claims(NOW.minusSeconds(901))), NOW))
        .isInstanceOf(AttestationVerdict.Refused.class);
  }

  private static String published(String lines) {
    return file(TestKeys.p256()).replaceAll("(?s)  keys:.*", "") + lines.indent(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://www.googleapis.com/oauth2/v3/certs",
        "https://10.0.0.1:8443",
        "https://[fd00::1]:8443/keys?version=1",
        "https://spire.infra.svc/keys"
      })
  void keysThatAreElsewhere_areNamedByTheirAddress(String address) {
    assertThat(parsed(published("jwksURI: \"" + address + "\"")).getFirst().issuer().issuerKeys())
        .isEqualTo(new IssuerKeys.Published(address, Optional.empty()));
    assertThat(
            parsed(published("jwksURI: \"" + address + "\"\ncaFile: /etc/countersign/issuer.crt"))
                .getFirst()
                .issuer()
                .issuerKeys())
        .isEqualTo(new IssuerKeys.Published(address, Optional.of("/etc/countersign/issuer.crt")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/keys",
        "HTTPS://issuer.example",
        "https://",
        "https://user@issuer.example/keys",
        "https://issuer.example:0/keys",
        "https://issuer.example:99999/keys",
        "https://issuer.example:/keys",
        "https://issuer_1.example/keys",
        "https://issuer.example/{keys}",
        "https://issuer.example/%zz",
        "HTTPS:issuer.example",
        "https://issuer.example/a b",
        "https://issuer.example/keys#1",
        "file:///etc/keys",
        "7"
      })
  void addressThatIsNotHttps_isRefused(String address) {
    assertThat(paths(published("jwksURI: \"" + address + "\"")))
        .containsExactly("issuers[0].jwksURI");
  }

  @Test
  void keysHereAndElsewhere_areRefused_andAnAuthorityWithoutAnAddressIs() {
    assertThat(paths(file(issuer).replace("  keys:", "  jwksURI: https://a.example\n  keys:")))
        .containsExactly("issuers[0].keys");
    assertThat(paths(file(issuer).replace("  keys:", "  caFile: /ca.crt\n  keys:")))
        .containsExactly("issuers[0].caFile");
  }
}
