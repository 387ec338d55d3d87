package dev.countersign.image.sign;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Layout;
import dev.countersign.x509.key.P256PublicKey;
import dev.countersign.x509.pem.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/**
 * A private key as {@code cosign generate-key-pair} writes it: PKCS#8 of ECDSA P-256, encrypted by
 * scrypt and NaCl's secretbox, in PEM. Signatures are deterministic (RFC 6979), so that signing
 * again gives the same bytes. Shows nothing of itself. Thread-safe.
 */
public final class CosignPrivateKey implements SigningKey {
  private static final String LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
  private static final String FORMER_LABEL = "ENCRYPTED COSIGN PRIVATE KEY";

  /** More memory than this, 128 * N * r bytes, is not spent on a password. */
  private static final long MOST_MEMORY = 1L << 30;

  private static final int KEY_SIZE = 32;
  private static final int MAC_SIZE = 16;

  private final ECPrivateKeyParameters key;

  private CosignPrivateKey(ECPrivateKeyParameters key) {
    this.key = key;
  }

  /** Where the password comes from; asked only for a file that has such a key. */
  @FunctionalInterface
  public interface PasswordPrompt<E extends Exception> {
    /** The password. */
    SecretText ask() throws E;
  }

  /** Reads a key by a password that is at hand. */
  static CosignPrivateKey parse(String name, SecretText pem, SecretText password) {
    return parse(name, pem, () -> password);
  }

  /**
   * Reads a key.
   *
   * @param name the file, for messages
   * @throws ImageException where it is none, or the password is another
   * @throws E where there is no password
   */
  public static <E extends Exception> CosignPrivateKey parse(
      String name, SecretText pem, PasswordPrompt<E> password) throws E {
    String text = pem.reveal(SecretAccess.because("decrypted to sign with"));
    String label = text.contains(FORMER_LABEL) ? FORMER_LABEL : LABEL;
    if (!(Pem.parseOnly(label, text.strip() + "\n")
        instanceof ParseResult.Parsed<Bytes>(Bytes content))) {
      throw new ImageException(
          name,
          "another kind of file",
          "a private key of cosign (BEGIN " + LABEL + ")",
          "make one with cosign generate-key-pair, or of yours with cosign import-key-pair");
    }
    byte[] decrypted =
        decrypt(
            name,
            Layout.parse(name, content.toByteArray()),
            password
                .ask()
                .reveal(SecretAccess.because("the key of the private key's encryption"))
                .getBytes(StandardCharsets.UTF_8));
    try {
      AsymmetricKeyParameter key = PrivateKeyFactory.createKey(decrypted);
      if (key instanceof ECPrivateKeyParameters ec
          && ec.getParameters() instanceof ECNamedDomainParameters named
          && (named.getName().equals(SECObjectIdentifiers.secp256r1)
              || named.getName().equals(X9ObjectIdentifiers.prime256v1))) {
        return new CosignPrivateKey(ec);
      }
    } catch (IOException | IllegalArgumentException unreadable) {
      // Without its cause, which may quote the key.
    } finally {
      Arrays.fill(decrypted, (byte) 0);
    }
    throw new ImageException(name, "a key of another kind", "ECDSA P-256");
  }

  private static byte[] decrypt(String name, JsonNode envelope, byte[] password) {
    JsonNode parameters = envelope.path("kdf").path("params");
    long n = parameters.path("N").asLong();
    long r = parameters.path("r").asLong();
    int p = parameters.path("p").asInt();
    boolean known =
        envelope.path("kdf").path("name").asText().equals("scrypt")
            && envelope.path("cipher").path("name").asText().equals("nacl/secretbox")
            && Long.bitCount(n) == 1
            && n > 1
            && r >= 1
            && r <= 64
            && p >= 1
            && p <= 16
            && n <= MOST_MEMORY / (128 * r);
    if (!known) {
      throw new ImageException(
          name, "another encryption", "scrypt of at most 1 GiB, and nacl/secretbox");
    }
    byte[] salt = decode(name, envelope.path("kdf").path("salt"));
    byte[] nonce = decode(name, envelope.path("cipher").path("nonce"));
    byte[] box = decode(name, envelope.path("ciphertext"));
    if (nonce.length != 24 || box.length <= MAC_SIZE) {
      throw new ImageException(name, "a nonce or text that is too short", "what cosign writes");
    }
    byte[] derived = SCrypt.generate(password, salt, (int) n, (int) r, p, KEY_SIZE);
    return open(name, derived, nonce, box);
  }

  private static byte[] decode(String name, JsonNode text) {
    try {
      return Base64.getDecoder().decode(text.asText());
    } catch (IllegalArgumentException unreadable) {
      throw new ImageException(name, "text that is not base64", "what cosign writes");
    }
  }

  /** NaCl's secretbox: XSalsa20, and Poly1305 with the first bytes of its stream as key. */
  private static byte[] open(String name, byte[] key, byte[] nonce, byte[] box) {
    var cipher = new XSalsa20Engine();
    cipher.init(false, new ParametersWithIV(new KeyParameter(key), nonce));
    byte[] macKey = new byte[KEY_SIZE];
    cipher.processBytes(macKey, 0, KEY_SIZE, macKey, 0);
    var poly = new Poly1305();
    poly.init(new KeyParameter(macKey));
    poly.update(box, MAC_SIZE, box.length - MAC_SIZE);
    byte[] mac = new byte[MAC_SIZE];
    poly.doFinal(mac, 0);
    if (!MessageDigest.isEqual(mac, Arrays.copyOf(box, MAC_SIZE))) {
      throw new ImageException(
          name, "a password that does not open it", "the key's password", "set COSIGN_PASSWORD");
    }
    byte[] opened = new byte[box.length - MAC_SIZE];
    cipher.processBytes(box, MAC_SIZE, opened.length, opened, 0);
    return opened;
  }

  @Override
  public CosignPublicKey publicKey() {
    var point = key.getParameters().getG().multiply(key.getD()).normalize();
    try {
      return P256PublicKey.ofDer(
              Bytes.copyOf(
                  SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
                          new ECPublicKeyParameters(point, key.getParameters()))
                      .getEncoded()))
          .map(CosignPublicKey::new)
          .orElseThrow();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public byte[] sign(byte[] message) {
    var signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, key);
    var digest = new SHA256Digest();
    digest.update(message, 0, message.length);
    byte[] hash = new byte[digest.getDigestSize()];
    digest.doFinal(hash, 0);
    BigInteger[] signature = signer.generateSignature(hash);
    try {
      return StandardDSAEncoding.INSTANCE.encode(
          key.getParameters().getN(), signature[0], signature[1]);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public String toString() {
    return "CosignPrivateKey[redacted]";
  }
}
