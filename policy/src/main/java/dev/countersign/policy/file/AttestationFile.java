package dev.countersign.policy.file;

import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.HttpsUrl;
import dev.countersign.policy.join.attestation.IssuerKeys;
import dev.countersign.policy.join.attestation.RequiredClaim;
import dev.countersign.policy.join.attestation.SignedIdentityDocument;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.pem.PemBlock;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads files of {@code kind: Attestation}: the issuers whose signed instance-identity documents
 * strict join takes as a machine's proof of who it is. Keys stand in the file as PEM, {@code PUBLIC
 * KEY} (RFC 7468) or {@code CERTIFICATE}, where only the key of a certificate counts; or the file
 * names where the issuer publishes them.
 */
public final class AttestationFile {
  /** The value of {@code kind}. */
  public static final String KIND = "Attestation";

  private static final Duration DEFAULT_AGE = Duration.ofMinutes(15);
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");
  private static final String KEY =
      "PEM of a public key or certificate: RSA of 2048 bits or more, P-256, or Ed25519";

  private static final String JWKS_URI = "https://HOST[:PORT][/PATH], where the issuer's keys are";

  private AttestationFile() {}

  /** The issuers to trust, or every error in the file. */
  public static ParseResult<List<SignedIdentityDocument>> parse(String text) {
    return Fields.read(text, Documents.LONGEST_SETTINGS, AttestationFile::read);
  }

  private static Optional<List<SignedIdentityDocument>> read(Fields file) {
    ApprovalPolicyFile.header(file, KIND);
    List<SignedIdentityDocument> issuers = new ArrayList<>();
    for (Fields issuer : file.children("issuers")) {
      issuer(issuer).ifPresent(issuers::add);
    }
    if (issuers.isEmpty() && file.errorCount() == 0) {
      file.wrong("issuers", "none", "at least one issuer");
    }
    return Optional.of(List.copyOf(issuers));
  }

  private static Optional<SignedIdentityDocument> issuer(Fields fields) {
    int before = fields.errorCount();
    String issuer = fields.required("issuer", "the iss of its documents");
    String audience = fields.required("audience", "the aud this cluster's machines ask for");
    String nodeClaim =
        fields.required(
            "nodeClaim", "where the node's name is, such as google.compute_engine.instance_name");
    Duration age = fields.duration("maximumAge").orElse(DEFAULT_AGE);
    if (!age.isPositive()) {
      fields.wrong("maximumAge", "0", "more than 0");
    }
    List<RequiredClaim> required = requiredClaims(fields);
    Optional<IssuerKeys> keys = issuerKeys(fields);
    fields.end();
    return fields.errorCount() > before
        ? Optional.empty()
        : keys.map(
            found -> new SignedIdentityDocument(found, issuer, audience, nodeClaim, age, required));
  }

  private static List<RequiredClaim> requiredClaims(Fields issuer) {
    List<RequiredClaim> required = new ArrayList<>();
    for (Fields rule : issuer.children("claimValidationRules")) {
      String claim =
          rule.required("claim", "where the claim is, such as google.compute_engine.project_id");
      String value = rule.required("requiredValue", "the text that the claim must be");
      rule.end();
      required.add(new RequiredClaim(claim, value));
    }
    return required;
  }

  private static Optional<IssuerKeys> issuerKeys(Fields fields) {
    if (fields.has("jwksURI")) {
      Optional<String> uri = fields.parsed("jwksURI", JWKS_URI, Fields.matching(HttpsUrl::isValid));
      Optional<String> caFile = fields.text("caFile", "a PEM file");
      if (fields.has("keys")) {
        fields.wrong("keys", "both keys and jwksURI", "one of them");
      }
      return uri.map(address -> new IssuerKeys.Published(address, caFile));
    }
    if (!fields.has("keys")) {
      fields.missing("keys", "a list of " + KEY + "; or jwksURI");
      return Optional.empty();
    }
    int before = fields.errorCount();
    List<PublicKey> keys =
        fields.list("keys", KEY, AttestationFile::keys).orElse(List.of()).stream()
            .flatMap(List::stream)
            .toList();
    if (fields.errorCount() > before) {
      return Optional.empty();
    }
    try {
      return Optional.of(new IssuerKeys.Given(keys));
    } catch (IllegalArgumentException e) {
      fields.wrong("keys", "a key of another kind or size", KEY);
      return Optional.empty();
    }
  }

  /** Every key of a text; empty where any of it is no key. */
  private static Optional<List<PublicKey>> keys(String text) {
    if (!(Pem.parseAll(text)
        instanceof ParseResult.Parsed<List<PemBlock>>(List<PemBlock> blocks))) {
      return Optional.empty();
    }
    List<PublicKey> keys = new ArrayList<>();
    for (PemBlock block : blocks) {
      Optional<PublicKey> key =
          switch (block.label()) {
            case "PUBLIC KEY" -> publicKey(block);
            case "CERTIFICATE" ->
                Certificate.parseDer(block.content())
                        instanceof ParseResult.Parsed<Certificate>(Certificate certificate)
                    ? Optional.of(certificate.x509().getPublicKey())
                    : Optional.empty();
            default -> Optional.empty();
          };
      if (key.isEmpty()) {
        return Optional.empty();
      }
      keys.add(key.get());
    }
    return keys.isEmpty() ? Optional.empty() : Optional.of(keys);
  }

  private static Optional<PublicKey> publicKey(PemBlock block) {
    X509EncodedKeySpec encoded = new X509EncodedKeySpec(block.content().toByteArray());
    for (String algorithm : ALGORITHMS) {
      try {
        return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(encoded));
      } catch (GeneralSecurityException e) {
        // a key of another algorithm
      }
    }
    return Optional.empty();
  }
}
