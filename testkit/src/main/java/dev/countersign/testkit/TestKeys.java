package dev.countersign.testkit;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
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
    return PAIRS.computeIfAbsent("Ed25519", name -> generate("Ed25519", null));
  }

  /** RSA of some number of bits, at least 512. */
  public static KeyPair rsa(int bits) {
    return rsa(new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
  }

  /** RSA of 2048 bits and the public exponent 3: works and is unfit. */
  public static KeyPair rsaOfExponentThree() {
    return rsa(new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F0));
  }

  /** A second pair of P-256, for the wrong key. */
  public static KeyPair otherP256() {
    return PAIRS.computeIfAbsent(
        "other", name -> generate("EC", new ECGenParameterSpec("secp256r1")));
  }

  private static KeyPair rsa(RSAKeyGenParameterSpec spec) {
    return PAIRS.computeIfAbsent(
        "RSA-" + spec.getKeysize() + "-" + spec.getPublicExponent(), name -> RsaKeys.get(spec));
  }

  private static KeyPair ec(String curve) {
    return PAIRS.computeIfAbsent(curve, name -> generate("EC", new ECGenParameterSpec(curve)));
  }

  private static KeyPair generate(String algorithm, @Nullable ECGenParameterSpec curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (curve != null) {
        generator.initialize(curve);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK makes such keys", e);
    }
  }
}
