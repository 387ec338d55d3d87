package dev.countersign.testkit;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Key pairs for tests, made on first use and shared within the process. */
public final class TestKeys {
  private static final Map<String, KeyPair> PAIRS = new ConcurrentHashMap<>();

  private TestKeys() {}

  /** ECDSA P-256, what a kubelet makes. */
  public static KeyPair p256() {
    return ec("secp256r1");
  }

  /** ECDSA P-384. */
  public static KeyPair p384() {
    return ec("secp384r1");
  }

  /** ECDSA P-521. */
  public static KeyPair p521() {
    return ec("secp521r1");
  }

  /** Ed25519. */
  public static KeyPair ed25519() {
    return PAIRS.computeIfAbsent("Ed25519", name -> generate("Ed25519", 0, null));
  }

  /** RSA of some number of bits, at least 512. */
  public static KeyPair rsa(int bits) {
    return PAIRS.computeIfAbsent("RSA-" + bits, name -> generate("RSA", bits, null));
  }

  /** A second pair of P-256, for the wrong key. */
  public static KeyPair otherP256() {
    return PAIRS.computeIfAbsent(
        "other", name -> generate("EC", 0, new ECGenParameterSpec("secp256r1")));
  }

  private static KeyPair ec(String curve) {
    return PAIRS.computeIfAbsent(curve, name -> generate("EC", 0, new ECGenParameterSpec(curve)));
  }

  private static KeyPair generate(String algorithm, int bits, @Nullable ECGenParameterSpec curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (bits > 0) {
        generator.initialize(bits);
      } else if (curve != null) {
        generator.initialize(curve);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK makes such keys", e);
    }
  }
}
