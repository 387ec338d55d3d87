package dev.countersign.x509.authority;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.key.AwsLc;
import dev.countersign.x509.key.KeyPair;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Optional;

/** Puts a signature below what is to be signed, as certificates and requests share it. */
final class CertificateSigner {
  private final KeyPair keys;
  private final String jdkName;
  private final byte[] algorithm;

  CertificateSigner(KeyPair keys) {
    this.keys = keys;
    switch (keys.publicKey().getAlgorithm()) {
      case "RSA" -> {
        jdkName = "SHA256withRSA";
        algorithm =
            DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.11"), DerWriter.nullValue());
      }
      case "EC" -> {
        int bits = keys.description().bits();
        // The digest that matches the curve, as Go's crypto/x509 chooses it.
        String digest = bits <= 256 ? "256" : bits <= 384 ? "384" : "512";
        jdkName = "SHA" + digest + "withECDSA";
        algorithm =
            DerWriter.sequence(
                DerWriter.oid(
                    switch (digest) {
                      case "256" -> "1.2.840.10045.4.3.2";
                      case "384" -> "1.2.840.10045.4.3.3";
                      default -> "1.2.840.10045.4.3.4";
                    }));
      }
      default -> {
        jdkName = "Ed25519";
        algorithm = DerWriter.sequence(DerWriter.oid("1.3.101.112"));
      }
    }
  }

  /** The AlgorithmIdentifier of the signatures. */
  byte[] algorithm() {
    return algorithm.clone();
  }

  /** SEQUENCE of what is signed, algorithm and signature. */
  Bytes sign(byte[] content, SecureRandom random) {
    try {
      Optional<Provider> quick =
          switch (keys.publicKey().getAlgorithm()) {
            // PKCS #1 v1.5 signatures have no chance in them: every provider makes the same.
            case "RSA" -> AwsLc.find();
            case "EC" -> AwsLc.insteadOf(random);
            default -> Optional.empty();
          };
      Signature signature =
          quick.isPresent()
              ? Signature.getInstance(jdkName, quick.get())
              : Signature.getInstance(jdkName);
      signature.initSign(
          keys.privateKey(SecretAccess.because("signs a certificate or request")), random);
      signature.update(content);
      return Bytes.copyOf(
          DerWriter.sequence(content, algorithm, DerWriter.bitString(signature.sign())));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK signs with its own keys", e);
    }
  }
}
