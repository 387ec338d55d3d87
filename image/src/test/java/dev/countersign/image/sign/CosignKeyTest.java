package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.secret.SecretText;
import dev.countersign.image.ImageException;
import dev.countersign.testkit.CosignKeys;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class CosignKeyTest {
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);

  @Test
  void keyPair_ofCosign_isRead_andSignsTheSameEachTime() {
    CosignPublicKey mine = CosignPublicKey.parse("cosign.pub", CosignKeys.PUBLIC);
    byte[] signature = TestKeys.key().sign(MESSAGE);
    assertThat(mine.verifies(MESSAGE, signature)).isTrue();
    assertThat(TestKeys.key().publicKey().hint()).isEqualTo(mine.hint());
    assertThat(TestKeys.key().sign(MESSAGE)).isEqualTo(signature);
    assertThat(mine.verifies("another".getBytes(StandardCharsets.UTF_8), signature)).isFalse();
    assertThat(mine.verifies(MESSAGE, new byte[] {1, 2})).isFalse();
    assertThat(CosignPublicKey.parse("o", CosignKeys.OTHER_PUBLIC).verifies(MESSAGE, signature))
        .isFalse();
  }

  @Test
  void password_thatIsAnother_isRefused() {
    assertThatThrownBy(
            () ->
                CosignPrivateKey.parse(
                    "cosign.key", SecretText.of(CosignKeys.PRIVATE), SecretText.of("guess")))
        .isInstanceOf(ImageException.class)
        .hasMessage(
            "cosign.key: got a password that does not open it; want the key's password;"
                + " set COSIGN_PASSWORD")
        .hasMessageNotContaining("guess");
  }

  @Test
  void key_thatWouldTakeAllMemory_isRefused() {
    String greedy =
        "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":1073741824,\"r\":8,\"p\":1},\"salt\":\"AA==\"},"
            + "\"cipher\":{\"name\":\"nacl/secretbox\",\"nonce\":\"AA==\"},\"ciphertext\":\"AA==\"}";
    String pem =
        "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(greedy.getBytes(StandardCharsets.UTF_8))
            + "\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
    assertThatThrownBy(
            () -> CosignPrivateKey.parse("k", SecretText.of(pem), SecretText.of("secret")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("scrypt of at most 1 GiB");
  }

  @Test
  void key_ofAnotherKind_isRefused() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    String rsa =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(generator.generateKeyPair().getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    assertThatThrownBy(() -> CosignPublicKey.parse("k", rsa))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("want ECDSA P-256");
    // Before its password is asked for.
    assertThatThrownBy(
            () ->
                CosignPrivateKey.parse(
                    "k",
                    SecretText.of(rsa),
                    () -> {
                      throw new IllegalStateException("asked");
                    }))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("make one with cosign generate-key-pair");
  }

  @Test
  void toString_containsNoSecret() {
    assertThat(TestKeys.key()).hasToString("CosignPrivateKey[redacted]");
  }
}
