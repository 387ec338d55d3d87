package dev.countersign.policy.join.attestation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.fact.Fact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
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
 * <p>The algorithm follows from the issuer's key, never from the document: RSA keys verify RS256,
 * P-256 keys ES256, Ed25519 keys EdDSA; {@code none} and keys inside the document mean nothing.
 *
 * <p>What the document says of itself is judged before its signature, so that nobody makes the
 * approver fetch keys with a document that would be refused anyway.
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

  private final IssuerKeys issuerKeys;
  private final String issuer;
  private final String audience;
  private final String nodeClaim;
  private final Duration maximumAge;
  private final List<RequiredClaim> requiredClaims;

  /**
   * An issuer to trust.
   *
   * @param issuerKeys its public keys
   * @param issuer the {@code iss} it writes
   * @param audience the {@code aud} this cluster asks its machines to request
   * @param nodeClaim where the node name is, for example {@code
   *     google.compute_engine.instance_name}
   * @param maximumAge how old a document may be, counted from its {@code iat}
   * @param requiredClaims what each document must say besides
   */
  public SignedIdentityDocument(
      IssuerKeys issuerKeys,
      String issuer,
      String audience,
      String nodeClaim,
      Duration maximumAge,
      List<RequiredClaim> requiredClaims) {
    this.issuerKeys = Objects.requireNonNull(issuerKeys, "issuerKeys");
    this.issuer = Objects.requireNonNull(issuer, "issuer");
    this.audience = Objects.requireNonNull(audience, "audience");
    this.nodeClaim = Objects.requireNonNull(nodeClaim, "nodeClaim");
    this.maximumAge = Objects.requireNonNull(maximumAge, "maximumAge");
    this.requiredClaims = List.copyOf(requiredClaims);
  }

  /** Where the issuer's keys are from. */
  public IssuerKeys issuerKeys() {
    return issuerKeys;
  }

  @Override
  public Fact<AttestationVerdict> verify(String evidence, Instant at, PublishedKeys published) {
    if (evidence.length() > MAXIMUM_LENGTH) {
      return refusal("document", evidence.length() + " characters", "at most " + MAXIMUM_LENGTH);
    }
    String[] parts = evidence.strip().split("\\.", -1);
    if (parts.length != 3) {
      return refusal("document", parts.length + " parts", "three, separated by full stops");
    }
    JsonNode header;
    JsonNode claims;
    try {
      // nimbus-jose-jwt's own readers take other base64, and JSON that has a member twice
      header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
      claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
      Base64.getUrlDecoder().decode(parts[2]);
    } catch (IllegalArgumentException | IOException e) {
      return refusal("document", "something else", "JSON in base64url, three times");
    }
    if (!header.isObject() || !claims.isObject() || header.has("crit")) {
      return refusal("document", "another form", "a header without crit, and claims, both objects");
    }
    JWSHeader parsed;
    try {
      parsed = JWSHeader.parse(new Base64URL(parts[0]));
    } catch (ParseException e) {
      return refusal("signature", "no header of a signature", "RS256, ES256 or EdDSA");
    }
    AttestationVerdict verdict = judgeClaims(claims, at);
    if (verdict instanceof AttestationVerdict.Refused) {
      return Fact.known(verdict);
    }
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    Base64URL signature = new Base64URL(parts[2]);
    AttestationVerdict unsigned =
        refused("signature", "one that no issuer key verifies", "one by the issuer");
    Predicate<List<PublicKey>> verify =
        keys ->
            keys.stream().anyMatch(key -> KeyAlgorithm.verifies(key, parsed, signed, signature));
    return switch (issuerKeys) {
      case IssuerKeys.Given(List<PublicKey> keys) ->
          Fact.known(verify.test(keys) ? verdict : unsigned);
      case IssuerKeys.Published elsewhere -> {
        Optional<String> keyId = Optional.ofNullable(parsed.getKeyID());
        yield published
            .find(elsewhere, keyId)
            .then(
                keys ->
                    keys.isEmpty() || verify.test(keys)
                        ? Fact.known(keys)
                        : published.refreshed(elsewhere, keyId))
            .map(keys -> verify.test(keys) ? verdict : unsigned);
      }
    };
  }

  private AttestationVerdict judgeClaims(JsonNode claims, Instant at) {
    JsonNode named = claims.path(AttestationVerdict.ISSUER);
    if (!issuer.equals(named.asText(""))) {
      return refused(AttestationVerdict.ISSUER, shown(named), '"' + issuer + '"');
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
    for (RequiredClaim required : requiredClaims) {
      JsonNode found = at(claims, required.claim());
      if (!found.isTextual() || !found.textValue().equals(required.value())) {
        return refused(required.claim(), shown(found), '"' + required.value() + '"');
      }
    }
    JsonNode node = at(claims, nodeClaim);
    if (!node.isTextual() || node.asText().isEmpty()) {
      return refused(nodeClaim, shown(node), "the node's name");
    }
    JsonNode key = claims.path("key_sha256");
    if (!key.isMissingNode() && !(key.isTextual() && HEX_SHA256.matcher(key.asText()).matches())) {
      return refused("key_sha256", shown(key), "64 hexadecimal digits, or no such claim");
    }
    return new AttestationVerdict.Attested(
        node.asText(), key.isMissingNode() ? Optional.empty() : Optional.of(key.asText()));
  }

  private static JsonNode at(JsonNode claims, String path) {
    JsonNode found = claims;
    for (String step : path.split("\\.", -1)) {
      found = found.path(step);
    }
    return found;
  }

  private static long clamp(long seconds) {
    return Math.max(0, Math.min(seconds, 253_402_300_799L));
  }

  private static Fact<AttestationVerdict> refusal(String path, String got, String want) {
    return Fact.known(refused(path, got, want));
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
