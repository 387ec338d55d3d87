package dev.countersign.x509.key;

import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Optional;

/** What kind of key pair to make. */
public enum KeySpec {
  /** RSA of 2048 bits, exponent 65537; about a tenth of a second. */
  RSA_2048("RSA", rsa(2048)),
  /** RSA of 3072 bits, exponent 65537. */
  RSA_3072("RSA", rsa(3072)),
  /** RSA of 4096 bits, exponent 65537; a second or more. */
  RSA_4096("RSA", rsa(4096)),
  /** ECDSA on P-256; about a millisecond. */
  ECDSA_P256("EC", new ECGenParameterSpec("secp256r1")),
  /** ECDSA on P-384. */
  ECDSA_P384("EC", new ECGenParameterSpec("secp384r1")),
  /** ECDSA on P-521. */
  ECDSA_P521("EC", new ECGenParameterSpec("secp521r1")),
  /** Ed25519, which kube-apiserver takes from clients but the kubelet never makes. */
  ED25519("Ed25519", NamedParameterSpec.ED25519);

  private final String generator;

  @SuppressWarnings("ImmutableEnumChecker") // the three kinds used here have no setters
  private final AlgorithmParameterSpec parameters;

  KeySpec(String generator, AlgorithmParameterSpec parameters) {
    this.generator = generator;
    this.parameters = parameters;
  }

  private static AlgorithmParameterSpec rsa(int bits) {
    return new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4);
  }

  java.security.KeyPair generate(SecureRandom random) {
    try {
      // Its generator of Ed25519 keys takes no parameters, and the JDK's is quick enough.
      Optional<Provider> quick = this == ED25519 ? Optional.empty() : AwsLc.insteadOf(random);
      KeyPairGenerator pairs =
          quick.isPresent()
              ? KeyPairGenerator.getInstance(generator, quick.get())
              : KeyPairGenerator.getInstance(generator);
      pairs.initialize(parameters, random);
      return pairs.generateKeyPair();
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
      throw new IllegalStateException("the JDK makes keys of " + this, e);
    }
  }
}
