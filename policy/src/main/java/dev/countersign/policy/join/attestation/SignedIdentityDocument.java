package dev.countersign.policy.join.attestation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.common.text.SafeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Instance-identity documents as clouds hand them to their machines: a JSON Web Token in compact
 * form (RFC 7519, RFC 7515), signed by the provider, for example Google Compute Engine's instance
 * identity token with {@code format=full}.
 *
 * <p>What it proves: the issuer told <i>some</i> process on that instance who it is, for our
 * audience, not long ago. It is not bound to the key in the request unless the document has a claim
 * {@code key_sha256}; whoever can run code on the instance or read its metadata can copy it until
 * it expires.
 *
 * <p>The algorithm follows from the configured key, never from the document: RSA keys verify RS256,
 * P-256 keys ES256, Ed25519 keys EdDSA; {@code none} and keys inside the document mean nothing.
 */
public final class SignedIdentityDocument implements Attestation {
  /** Longest document that is looked at, in characters. */
  public static final int MAXIMUM_LENGTH = 16_384;

  private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
  private static final Pattern HEX_SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final List<PublicKey> issuerKeys;
  private final String issuer;
  private final String audience;
  private final List<String> nodeClaim;
  private final Duration maximumAge;

  /**
   * An issuer to trust.
   *
   * @param issuerKeys its public keys, at least one: RSA of 2048 bits or more, P-256, or Ed25519
   * @param issuer the {@code iss} it writes
   * @param audience the {@code aud} this cluster asks its machines to request
   * @param nodeClaim where the node name is, for example {@code
   *     google.compute_engine.instance_name}
   * @param maximumAge how old a document may be, counted from its {@code iat}
   */
  public SignedIdentityDocument(
      List<PublicKey> issuerKeys,
      String issuer,
      String audience,
      String nodeClaim,
      Duration maximumAge) {
    this.issuerKeys = List.copyOf(issuerKeys);
    this.issuer = Objects.requireNonNull(issuer, "issuer");
    this.audience = Objects.requireNonNull(audience, "audience");
    this.nodeClaim = List.of(nodeClaim.split("\\.", -1));
    this.maximumAge = Objects.requireNonNull(maximumAge, "maximumAge");
    if (this.issuerKeys.isEmpty()) {
      throw new IllegalArgumentException("issuerKeys: got none; want at least one public key");
    }
    for (PublicKey key : this.issuerKeys) {
      if (algorithmOf(key).isEmpty()) {
        throw new IllegalArgumentException(
            "issuerKeys: got "
                + key.getAlgorithm()
                + "; want RSA of 2048 bits or more, P-256, or Ed25519");
      }
    }
  }

  @Override
  public AttestationVerdict verify(String evidence, Instant at) {
    if (evidence.length() > MAXIMUM_LENGTH) {
      return refused("document", evidence.length() + " characters", "at most " + MAXIMUM_LENGTH);
    }
    String[] parts = evidence.strip().split("\\.", -1);
    if (parts.length != 3) {
      return refused("document", parts.length + " parts", "three, separated by full stops");
    }
    JsonNode header;
    JsonNode claims;
    byte[] signature;
    try {
      header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
      claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
      signature = Base64.getUrlDecoder().decode(parts[2]);
    } catch (IllegalArgumentException | IOException e) {
      return refused("document", "something else", "JSON in base64url, three times");
    }
    if (!header.isObject() || !claims.isObject() || header.has("crit")) {
      return refused("document", "another form", "a header without crit, and claims, both objects");
    }
    String algorithm = header.path("alg").asText("");
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    boolean verified =
        issuerKeys.stream()
            .anyMatch(
                key ->
                    algorithmOf(key).filter(algorithm::equals).isPresent()
                        && verifies(key, signed, signature));
    if (!verified) {
      return refused("signature", "one that no issuer key verifies", "one by the issuer");
    }
    return judgeClaims(claims, at);
  }

  private AttestationVerdict judgeClaims(JsonNode claims, Instant at) {
    if (!issuer.equals(claims.path("iss").asText(""))) {
      return refused("iss", shown(claims.path("iss")), '"' + issuer + '"');
    }
    JsonNode audiences = claims.path("aud");
    boolean meant =
        audiences.isArray()
            ? audiences.size() == 1 && audience.equals(audiences.get(0).asText(""))
            : audience.equals(audiences.asText(""));
    if (!meant) {
      return refused("aud", shown(audiences), "only \"" + audience + '"');
    }
    JsonNode issuedAt = claims.path("iat");
    JsonNode expires = claims.path("exp");
    if (!issuedAt.isIntegralNumber()
        || !issuedAt.canConvertToLong()
        || !expires.isIntegralNumber()
        || !expires.canConvertToLong()) {
      return refused("iat, exp", "other types", "seconds since 1970, both");
    }
    Instant from = Instant.ofEpochSecond(clamp(issuedAt.asLong()));
    Instant until = Instant.ofEpochSecond(clamp(expires.asLong()));
    if (from.minus(CLOCK_SKEW).isAfter(at)) {
      return refused("iat", from.toString(), "a time before the request's, " + at);
    }
    if (from.plus(maximumAge).isBefore(at)) {
      return refused("iat", from.toString(), "at most " + maximumAge + " before the request");
    }
    if (!until.isAfter(at)) {
      return refused("exp", until.toString(), "a time after the request's, " + at);
    }
    JsonNode node = claims;
    for (String step : nodeClaim) {
      node = node.path(step);
    }
    if (!node.isTextual() || node.asText().isEmpty()) {
      return refused(String.join(".", nodeClaim), shown(node), "the node's name");
    }
    JsonNode key = claims.path("key_sha256");
    if (!key.isMissingNode() && !(key.isTextual() && HEX_SHA256.matcher(key.asText()).matches())) {
      return refused("key_sha256", shown(key), "64 hexadecimal digits, or no such claim");
    }
    return new AttestationVerdict.Attested(
        node.asText(), key.isMissingNode() ? Optional.empty() : Optional.of(key.asText()));
  }

  private static long clamp(long seconds) {
    return Math.max(0, Math.min(seconds, 253_402_300_799L));
  }

  private static Optional<String> algorithmOf(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= 2048 -> Optional.of("RS256");
      case ECPublicKey ec when ec.getParams().getCurve().getField().getFieldSize() == 256 ->
          Optional.of("ES256");
      case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") -> Optional.of("EdDSA");
      default -> Optional.empty();
    };
  }

  private static boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
    String name =
        switch (key) {
          case RSAPublicKey _ -> "SHA256withRSA";
          case ECPublicKey _ -> "SHA256withECDSAinP1363Format";
          default -> "Ed25519";
        };
    try {
      Signature verifier = Signature.getInstance(name);
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static AttestationVerdict.Refused refused(String path, String got, String want) {
    return new AttestationVerdict.Refused(path, got, want);
  }

  private static String shown(JsonNode node) {
    if (node.isMissingNode()) {
      return "nothing";
    }
    return SafeText.plain(node.toString());
  }
}
