package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.pem.Pem;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String signed =
        base64.encodeToString("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
    signer.initSign(issuer.getPrivate());
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + base64.encodeToString(signer.sign());
  }

  private static List<Attestation> parsed(String text) {
    return switch (AttestationFile.parse(text)) {
      case FileParse.Parsed<List<Attestation>>(List<Attestation> issuers) -> issuers;
      case FileParse.Refused<List<Attestation>> refused ->
          throw new AssertionError(refused.message());
    };
  }

  private static List<String> paths(String text) {
    return switch (AttestationFile.parse(text)) {
      case FileParse.Parsed<List<Attestation>> _ -> List.of();
      case FileParse.Refused<List<Attestation>>(List<FileError> errors) ->
          errors.stream().map(FileError::path).toList();
    };
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
    List<Attestation> issuers = parsed(file(issuer));
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
}
