package dev.countersign.policy.join.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.fact.Fact;
import dev.countersign.testkit.TestKeys;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedIdentityDocumentTest {
  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
  private static final String CLAIMS =
      """
      {"iss":"https://issuer.example","aud":"cluster-1","iat":%d,"exp":%d,
       "google":{"compute_engine":{"instance_name":"worker-1","project_id":"ours","n":7}}}\
      """
          .formatted(NOW.getEpochSecond() - 30, NOW.getEpochSecond() + 600);

  private final KeyPair rsa = TestKeys.rsa(2048);
  private final KeyPair ec = TestKeys.p256();
  private final KeyPair ed = TestKeys.ed25519();
  private final KeyPair other = TestKeys.otherP256();

  /** Verifies with keys that are given: then the verdict is known. */
  private record Trusting(SignedIdentityDocument issuer) {
    AttestationVerdict verify(String document, Instant at) {
      return verdict(issuer.verify(document, at, PublishedKeys.NONE));
    }
  }

  private static Trusting trusting(KeyPair keys) {
    return new Trusting(issuer(new IssuerKeys.Given(List.of(keys.getPublic()))));
  }

  private static SignedIdentityDocument issuer(IssuerKeys keys, RequiredClaim... required) {
    return new SignedIdentityDocument(
        keys,
        "https://issuer.example",
        "cluster-1",
        "google.compute_engine.instance_name",
        Duration.ofMinutes(10),
        List.of(required));
  }

  private static AttestationVerdict verdict(Fact<AttestationVerdict> fact) {
    return switch (fact) {
      case Fact.Known<AttestationVerdict>(AttestationVerdict verdict) -> verdict;
      case Fact.Unknown<AttestationVerdict>(String why) -> throw new AssertionError(why);
    };
  }

  private static String part(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sign(PrivateKey key, String signature, String header, String claims)
      throws Exception {
    String signed = part(header) + "." + part(claims);
    Signature signer = Signature.getInstance(signature);
    signer.initSign(key);
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signer.sign());
  }

  private String es256(String claims) throws Exception {
    return sign(ec.getPrivate(), "SHA256withECDSAinP1363Format", "{\"alg\":\"ES256\"}", claims);
  }

  @Test
  void verify_signedByIssuer_namesTheNode() throws Exception {
    AttestationVerdict node = new AttestationVerdict.Attested("worker-1", Optional.empty());
    assertThat(trusting(ec).verify(es256(CLAIMS), NOW)).isEqualTo(node);
    assertThat(
            trusting(rsa)
                .verify(
                    sign(rsa.getPrivate(), "SHA256withRSA", "{\"alg\":\"RS256\"}", CLAIMS), NOW))
        .isEqualTo(node);
    assertThat(
            trusting(ed)
                .verify(sign(ed.getPrivate(), "Ed25519", "{\"alg\":\"EdDSA\"}", CLAIMS), NOW))
        .isEqualTo(node);
  }

  @Test
  void verify_boundToAKey_tellsIt() throws Exception {
    String bound = CLAIMS.replace("\"iat\"", "\"key_sha256\":\"" + "ab".repeat(32) + "\",\"iat\"");
    assertThat(trusting(ec).verify(es256(bound), NOW))
        .isEqualTo(new AttestationVerdict.Attested("worker-1", Optional.of("ab".repeat(32))));
  }

  @Test
  void verify_signedByAnother_refused() throws Exception {
    refused(trusting(other).verify(es256(CLAIMS), NOW), "signature");
  }

  @Test
  void verify_changedAfterSigning_refused() throws Exception {
    String[] parts = es256(CLAIMS).split("\\.", -1);
    String changed = parts[0] + "." + part(CLAIMS.replace("worker-1", "worker-2")) + "." + parts[2];
    refused(trusting(ec).verify(changed, NOW), "signature");
  }

  @Test
  void verify_algorithmNone_refused() {
    refused(
        trusting(ec).verify(part("{\"alg\":\"none\"}") + "." + part(CLAIMS) + ".", NOW),
        "signature");
  }

  @Test
  void verify_publicKeyUsedAsMacKey_refused() throws Exception {
    String signed = part("{\"alg\":\"HS256\"}") + "." + part(CLAIMS);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(rsa.getPublic().getEncoded(), "HmacSHA256"));
    String document =
        signed
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    refused(trusting(rsa).verify(document, NOW), "signature");
  }

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example, https://evil.example, iss",
    "cluster-1, cluster-2, aud",
    "worker-1, '', google.compute_engine.instance_name",
    "instance_name, other, google.compute_engine.instance_name",
  })
  void verify_oneClaimOff_refusedForIt(String from, String to, String path) throws Exception {
    refused(trusting(ec).verify(es256(CLAIMS.replace(from, to)), NOW), path);
  }

  @Test
  void verify_requiredClaims_mustAllBeThere() throws Exception {
    IssuerKeys keys = new IssuerKeys.Given(List.of(ec.getPublic()));
    String project = "google.compute_engine.project_id";
    RequiredClaim ours = new RequiredClaim(project, "ours");
    assertThat(new Trusting(issuer(keys, ours)).verify(es256(CLAIMS), NOW))
        .isInstanceOf(AttestationVerdict.Attested.class);
    RequiredClaim number = new RequiredClaim("google.compute_engine.n", "7");
    refused(
        new Trusting(issuer(keys, ours, number)).verify(es256(CLAIMS), NOW),
        "google.compute_engine.n");
    for (String claims :
        List.of(
            CLAIMS.replace("\"ours\"", "\"theirs\""),
            CLAIMS.replace("project_id", "other"),
            CLAIMS.replace("\"ours\"", "[\"ours\"]"))) {
      refused(new Trusting(issuer(keys, ours)).verify(es256(claims), NOW), project);
    }
  }

  @Test
  void verify_secondAudience_refused() throws Exception {
    String two = CLAIMS.replace("\"cluster-1\"", "[\"cluster-1\",\"cluster-2\"]");
    refused(trusting(ec).verify(es256(two), NOW), "aud");
  }

  @Test
  void verify_duplicateClaim_refused() throws Exception {
    String twice = CLAIMS.replace("{\"iss\"", "{\"aud\":\"x\",\"iss\"");
    refused(trusting(ec).verify(es256(twice), NOW), "document");
  }

  @Test
  void verify_expiredTooOldOrFromTheFuture_refused() throws Exception {
    String document = es256(CLAIMS);
    refused(trusting(ec).verify(document, NOW.plusSeconds(600)), "iat");
    refused(trusting(ec).verify(document, NOW.minusSeconds(151)), "iat");
    String shortLived =
        CLAIMS.replace(
            Long.toString(NOW.getEpochSecond() + 600), Long.toString(NOW.getEpochSecond()));
    refused(trusting(ec).verify(es256(shortLived), NOW), "exp");
  }

  @ParameterizedTest
  @CsvSource({"''", "a.b", "a.b.c", "....", "!!.!!.!!"})
  void verify_noDocument_refused(String text) {
    refused(trusting(ec).verify(text, NOW), "document");
  }

  @Test
  void verify_hugeDocument_refusedUnread() {
    assertThat(trusting(ec).verify("a".repeat(16_385), NOW))
        .isEqualTo(new AttestationVerdict.Refused("document", "16385 characters", "at most 16384"));
    assertThat(trusting(ec).verify("a".repeat(16_384), NOW))
        .isEqualTo(
            new AttestationVerdict.Refused(
                "document", "1 parts", "three, separated by full stops"));
  }

  @Test
  void construct_weakKey_refused() {
    assertThatThrownBy(() -> trusting(TestKeys.rsa(1024)))
        .hasMessageStartingWith("issuerKeys: got RSA");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}",
        "[\"ES256\"]",
        "\"ES256\""
      })
  void verify_headerThatAsksForMoreOrIsNoObject_refused(String header) throws Exception {
    String document = sign(ec.getPrivate(), "SHA256withECDSAinP1363Format", header, CLAIMS);
    refused(trusting(ec).verify(document, NOW), "document");
  }

  @Test
  void verify_claimsThatAreNoObject_refused() throws Exception {
    refused(trusting(ec).verify(es256("[" + CLAIMS + "]"), NOW), "document");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 65})
  void verify_signatureOfAnotherLength_refused(int length) throws Exception {
    for (String algorithm : List.of("ES256", "RS256", "EdDSA")) {
      String document =
          part("{\"alg\":\"" + algorithm + "\"}")
              + "."
              + part(CLAIMS)
              + "."
              + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[length]);
      for (KeyPair keys : List.of(ec, rsa, ed)) {
        refused(trusting(keys).verify(document, NOW), "signature");
      }
    }
  }

  @Test
  void verify_onlyAudienceInAList_isMeant_anotherIsNot() throws Exception {
    String list = CLAIMS.replace("\"cluster-1\"", "[\"cluster-1\"]");
    assertThat(trusting(ec).verify(es256(list), NOW))
        .isInstanceOf(AttestationVerdict.Attested.class);
    refused(
        trusting(ec).verify(es256(list.replace("[\"cluster-1\"]", "[\"cluster-2\"]")), NOW), "aud");
    refused(trusting(ec).verify(es256(list.replace("[\"cluster-1\"]", "[]")), NOW), "aud");
  }

  @ParameterizedTest
  @CsvSource({"iat, '\"now\"'", "iat, 1.5", "iat, 1e30", "exp, true", "exp, 123456789012345678901"})
  void verify_timeThatIsNoWholeNumberOfSeconds_refused(String claim, String value)
      throws Exception {
    String claims = CLAIMS.replaceAll("\"" + claim + "\":\\d+", "\"" + claim + "\":" + value);
    refused(trusting(ec).verify(es256(claims), NOW), "iat, exp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"ab\"", "7", "null", "\"\""})
  void verify_keyThatIsNoDigest_refused(String digest) throws Exception {
    String bound = CLAIMS.replace("\"iat\"", "\"key_sha256\":" + digest + ",\"iat\"");
    refused(trusting(ec).verify(es256(bound), NOW), "key_sha256");
  }

  @Test
  void verify_atTheEdgesOfItsTime_isAttested() throws Exception {
    String document = es256(CLAIMS);
    long issued = NOW.getEpochSecond() - 30;
    assertThat(trusting(ec).verify(document, Instant.ofEpochSecond(issued - 120)))
        .isInstanceOf(AttestationVerdict.Attested.class);
    String lasting = CLAIMS.replace("" + (NOW.getEpochSecond() + 600), "99999999999999");
    assertThat(trusting(ec).verify(es256(lasting), Instant.ofEpochSecond(issued + 600)))
        .isInstanceOf(AttestationVerdict.Attested.class);
    refused(trusting(ec).verify(es256(lasting), Instant.ofEpochSecond(issued + 601)), "iat");
  }

  @Test
  void publishedKeys_verify_andAreAskedForByTheDocumentsKeyId() throws Exception {
    List<Optional<String>> asked = new ArrayList<>();
    SignedIdentityDocument issuer =
        issuer(new IssuerKeys.Published("https://issuer.example/keys", Optional.empty()));
    PublishedKeys published =
        (_, keyId) -> {
          asked.add(keyId);
          return Fact.known(List.of(ec.getPublic()));
        };
    String named =
        sign(
            ec.getPrivate(),
            "SHA256withECDSAinP1363Format",
            "{\"alg\":\"ES256\",\"kid\":\"2026-11\"}",
            CLAIMS);

    assertThat(issuer.verify(named, NOW, published))
        .isEqualTo(Fact.known(new AttestationVerdict.Attested("worker-1", Optional.empty())));
    assertThat(issuer.verify(es256(CLAIMS), NOW, published).isKnown()).isTrue();
    assertThat(asked).containsExactly(Optional.of("2026-11"), Optional.empty());
  }

  @Test
  void publishedKeysThatAreUnknown_makeTheVerdictUnknown_thatAreAbsentRefuse() throws Exception {
    SignedIdentityDocument issuer =
        issuer(new IssuerKeys.Published("https://issuer.example/keys", Optional.empty()));

    assertThat(issuer.verify(es256(CLAIMS), NOW, (_, _) -> Fact.unknown("away")))
        .isEqualTo(Fact.unknown("away"));
    assertThat(issuer.verify(es256(CLAIMS), NOW, PublishedKeys.NONE))
        .isEqualTo(
            Fact.unknown(
                "keys at https://issuer.example/keys: not fetched here; give an Attestation with"
                    + " the keys themselves"));
    refused(
        verdict(issuer.verify(es256(CLAIMS), NOW, (_, _) -> Fact.known(List.of()))), "signature");
  }

  @Test
  void publishedKeysThatDoNotVerify_areLookedUpOnceMore() throws Exception {
    SignedIdentityDocument issuer =
        issuer(new IssuerKeys.Published("https://issuer.example/keys", Optional.empty()));
    for (KeyPair next : List.of(ec, other)) {
      PublishedKeys rotated =
          new PublishedKeys() {
            @Override
            public Fact<List<PublicKey>> find(IssuerKeys.Published at, Optional<String> keyId) {
              return Fact.known(List.of(other.getPublic()));
            }

            @Override
            public Fact<List<PublicKey>> refreshed(
                IssuerKeys.Published at, Optional<String> keyId) {
              return Fact.known(List.of(next.getPublic()));
            }
          };
      assertThat(verdict(issuer.verify(es256(CLAIMS), NOW, rotated)))
          .isInstanceOf(
              next == ec ? AttestationVerdict.Attested.class : AttestationVerdict.Refused.class);
    }
  }

  @Test
  void publishedKeys_areNotAskedForWhatIsRefusedAnyway() throws Exception {
    SignedIdentityDocument issuer =
        issuer(new IssuerKeys.Published("https://issuer.example/keys", Optional.empty()));
    PublishedKeys nobody =
        (_, _) -> {
          throw new AssertionError("asked");
        };
    refused(verdict(issuer.verify("a.b.c", NOW, nobody)), "document");
    refused(
        verdict(issuer.verify(es256(CLAIMS.replace("https://issuer", "https://x")), NOW, nobody)),
        "iss");
    refused(verdict(issuer.verify(es256(CLAIMS), NOW.plusSeconds(600), nobody)), "iat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"alg\":7}", "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\"}"})
  void verify_headerOfNoSignature_refused(String header) {
    AttestationVerdict verdict =
        trusting(ec).verify(part(header) + "." + part(CLAIMS) + "." + part("x".repeat(64)), NOW);
    refused(verdict, "signature");
  }

  @Test
  void refusal_showsWhatItGot_printableAndShort() throws Exception {
    assertThat(got(CLAIMS.replace("\"iss\":\"https://issuer.example\",", ""))).isEqualTo("nothing");
    assertThat(got(CLAIMS.replace("https://issuer.example", "\u00e9\u202e")))
        .isEqualTo("\"\\u00e9\\u202e\"");
    String longest = "i".repeat(198);
    assertThat(got(CLAIMS.replace("https://issuer.example", longest)))
        .isEqualTo('"' + longest + '"');
    assertThat(got(CLAIMS.replace("https://issuer.example", longest + "i")))
        .isEqualTo('"' + "i".repeat(196) + "...");
  }

  private String got(String claims) throws Exception {
    AttestationVerdict verdict = trusting(ec).verify(es256(claims), NOW);
    assertThat(verdict).isInstanceOf(AttestationVerdict.Refused.class);
    return ((AttestationVerdict.Refused) verdict).got();
  }

  private static void refused(AttestationVerdict verdict, String path) {
    assertThat(verdict).isInstanceOf(AttestationVerdict.Refused.class);
    assertThat(((AttestationVerdict.Refused) verdict).path()).isEqualTo(path);
  }
}
