package dev.countersign.common.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SecretsTest {
  @Test
  void toString_containsNoSecret() {
    assertThat(SecretText.of("abcdef.0123456789abcdef")).hasToString("SecretText[redacted]");
  }

  @Test
  void equals_sameText_isNotEqual() {
    assertThat(SecretText.of("a")).isNotEqualTo(SecretText.of("a"));
  }

  @Test
  void reveal_withAccess_isTheText() {
    assertThat(SecretText.of("a").reveal(SecretAccess.because("compared by a test")))
        .isEqualTo("a");
  }

  @Test
  void because_blank_isRefused() {
    assertThatThrownBy(() -> SecretAccess.because(" "))
        .hasMessageContaining("want what becomes of the secret");
    assertThat(SecretAccess.because("printed")).hasToString("SecretAccess because printed");
  }
}
