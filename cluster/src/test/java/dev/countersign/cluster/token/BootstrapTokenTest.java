package dev.countersign.cluster.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.join.TokenId;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapTokenTest {
  private static final SecretAccess ACCESS = SecretAccess.because("compared in a test");
  private static final String TEXT = "07401b.f395accd246ae52d";
  private static final TokenSpec SPEC =
      new TokenSpec(
          Set.of(TokenUsage.AUTHENTICATION),
          Set.of(TokenGroup.parse("system:bootstrappers:pool-a")),
          Optional.of("rack 1"),
          Optional.of(Instant.parse("2026-11-23T00:00:00Z")));

  @Test
  void parse_token_sameTextRevealed() {
    assertThat(BootstrapToken.parse(TEXT).reveal(ACCESS)).isEqualTo(TEXT);
    assertThat(BootstrapToken.parse(TEXT).id()).isEqualTo(TokenId.parse("07401b"));
  }

  @Test
  void toString_containsNoSecret() {
    BootstrapToken token = BootstrapToken.parse(TEXT);
    assertThat(token.toString()).isEqualTo("07401b.[redacted]");
    assertThat(token.secret().toString()).isEqualTo("TokenSecret[redacted]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "07401b",
        "07401bf395accd246ae52d",
        "07401b.f395accd246ae52",
        "07401b.f395accd246ae52D",
        "07401b.f395accd246ae52d\n",
        "07401.bf395accd246ae52d",
      })
  void parse_otherForms_refusedWithoutEcho(String text) {
    assertThatThrownBy(() -> BootstrapToken.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith("token")
        .doesNotContain("f395");
  }

  @Test
  void generate_manyTokens_allDifferentAndWellFormed() {
    SecureRandom random = new SecureRandom();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      String text = BootstrapToken.generate(random).reveal(ACCESS);
      assertThat(text).matches("[a-z0-9]{6}\\.[a-z0-9]{16}");
      assertThat(seen.add(text)).isTrue();
    }
  }

  @Test
  void toSecret_andBack_sameSpec() {
    Secret secret = TokenSecrets.toSecret(BootstrapToken.parse(TEXT), SPEC);
    assertThat(secret.getMetadata().getName()).isEqualTo("bootstrap-token-07401b");
    assertThat(secret.getMetadata().getNamespace()).isEqualTo("kube-system");
    assertThat(secret.getType()).isEqualTo("bootstrap.kubernetes.io/token");
    assertThat(TokenSecrets.decoded(secret, "expiration")).contains("2026-11-23T00:00:00Z");
    assertThat(TokenSecrets.decoded(secret, "usage-bootstrap-authentication")).contains("true");
    assertThat(TokenSecrets.decoded(secret, "usage-bootstrap-signing")).isEmpty();
    assertThat(TokenSecrets.describe(secret))
        .isEqualTo(new TokenSecrets.Described.Token(TokenId.parse("07401b"), SPEC));
  }

  @ParameterizedTest
  @CsvSource({
    "token-id, 07401c, data.token-id",
    "token-secret, short, data.token-secret",
    "auth-extra-groups, system:masters, data",
    "expiration, tomorrow, data",
    "usage-bootstrap-authentication, yes, data.usage-bootstrap-authentication",
  })
  void describe_oneKeyOff_unusableThere(String key, String value, String path) {
    Secret secret =
        new SecretBuilder(TokenSecrets.toSecret(BootstrapToken.parse(TEXT), SPEC))
            .addToData(
                key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
            .build();
    TokenSecrets.Described described = TokenSecrets.describe(secret);
    assertThat(described).isInstanceOf(TokenSecrets.Described.Unusable.class);
    assertThat(((TokenSecrets.Described.Unusable) described).path()).isEqualTo(path);
    assertThat(described.toString()).doesNotContain("f395accd246ae52d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system:masters",
        "system:bootstrappers",
        "system:bootstrappers:",
        "system:bootstrappers:A",
        "system:bootstrappers:a-",
        "xsystem:bootstrappers:a",
      })
  void group_outsideOfBootstrappers_refused(String name) {
    assertThatThrownBy(() -> TokenGroup.parse(name)).hasMessageStartingWith("groups: got ");
  }

  @Test
  void spec_withoutUsage_refused() {
    assertThatThrownBy(() -> new TokenSpec(Set.of(), Set.of(), Optional.empty(), Optional.empty()))
        .hasMessage("usages: got none; want authentication, signing or both");
  }

  @Test
  void spec_expiry_exactToTheSecond() {
    assertThat(SPEC.expiredAt(Instant.parse("2026-11-22T23:59:59Z"))).isFalse();
    assertThat(SPEC.expiredAt(Instant.parse("2026-11-23T00:00:00Z"))).isTrue();
  }
}
