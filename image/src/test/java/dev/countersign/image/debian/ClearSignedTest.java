package dev.countersign.image.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import dev.countersign.image.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.junit.jupiter.api.Test;

final class ClearSignedTest {
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant SIGNED = Instant.parse("2026-06-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2026-06-02T00:00:00Z");
  private static final String TEXT = "Origin: Test\nSuite: stable  \n\nEnd: yes\n";

  private final SigningKey key = SigningKey.ed25519(MADE, Optional.empty());

  private static Keyring keyring(SigningKey key) throws IOException {
    return Keyring.parse(new ByteArrayInputStream(key.publicKey()), "ring");
  }

  private ClearSigned.Verified verify(byte[] signed) throws IOException {
    return ClearSigned.verify("InRelease", signed, keyring(key), NOW);
  }

  private byte[] signed() throws IOException {
    // Trailing blanks are not signed (RFC 9580, 7.2), so they are stripped before signing here.
    return key.clearSign(TEXT.replace("  \n", "\n"), Date.from(SIGNED));
  }

  private byte[] altered(String from, String to) throws IOException {
    String text = new String(signed(), StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    return text.replaceFirst(from, to).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void text_signedByAKnownKey_isVerified() throws IOException {
    ClearSigned.Verified verified = verify(signed());
    assertThat(verified.text()).isEqualTo(TEXT.replace("  \n", "\n"));
    assertThat(verified.fingerprints()).hasSize(1);
  }

  @Test
  void text_altered_isRefused() {
    assertThatThrownBy(() -> verify(altered("stable", "stabel")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("does not match the text");
  }

  @Test
  void text_signedByAnotherKey_isRefused() throws IOException {
    Keyring other = keyring(SigningKey.ed25519(MADE, Optional.empty()));
    assertThatThrownBy(() -> ClearSigned.verify("InRelease", signed(), other, NOW))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("is not in the keyring");
  }

  @Test
  void key_expired_isRefused() throws IOException {
    SigningKey old = SigningKey.ed25519(MADE, Optional.of(Duration.ofDays(90)));
    byte[] signed = old.clearSign(TEXT, Date.from(MADE.plus(Duration.ofDays(1))));
    assertThatThrownBy(() -> ClearSigned.verify("InRelease", signed, keyring(old), NOW))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("expired at 2026-04-01T00:00:00Z");
  }

  @Test
  void hash_weak_isRefused() throws IOException {
    byte[] signed = key.withHash(HashAlgorithmTags.SHA1).clearSign(TEXT, Date.from(SIGNED));
    assertThatThrownBy(() -> verify(signed))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("weak hash");
  }

  @Test
  void signature_fromTheFuture_isRefused() throws IOException {
    byte[] signed = key.clearSign(TEXT, Date.from(NOW.plus(Duration.ofDays(3))));
    assertThatThrownBy(() -> verify(signed))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("after now");
  }

  @Test
  void text_outsideTheFrame_isRefused() {
    assertThatThrownBy(
            () -> verify(altered("-----BEGIN PGP SIGNED", "Suite: evil\n-----BEGIN PGP SIGNED")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("got Suite: evil; want -----BEGIN PGP SIGNED MESSAGE-----");
    assertThatThrownBy(
            () ->
                verify(
                    altered(
                        "-----END PGP SIGNATURE-----", "-----END PGP SIGNATURE-----\nSuite: evil")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("text after the signature");
  }

  @Test
  void signature_cutOff_isRefused() throws IOException {
    String text = new String(signed(), StandardCharsets.UTF_8);
    byte[] cut =
        text.substring(0, text.indexOf("-----BEGIN PGP SIGNATURE"))
            .getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> verify(cut))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no signature");
  }
}
