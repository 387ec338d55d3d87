package dev.countersign.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/** An OpenPGP key made for a test. */
public final class SigningKey {
  private final PGPSecretKeyRing ring;
  private final int hash;

  private SigningKey(PGPSecretKeyRing ring, int hash) {
    this.ring = ring;
    this.hash = hash;
  }

  /** A key that signs with SHA-512; it expires so long after it was made, or never. */
  public static SigningKey ed25519(Instant created, Optional<Duration> lifetime) {
    var generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
    try {
      var pair =
          new BcPGPKeyPair(
              PublicKeyPacket.VERSION_4,
              PublicKeyAlgorithmTags.EDDSA_LEGACY,
              generator.generateKeyPair(),
              Date.from(created));
      var subpackets = new PGPSignatureSubpacketGenerator();
      lifetime.ifPresent(span -> subpackets.setKeyExpirationTime(true, span.toSeconds()));
      var rings =
          new PGPKeyRingGenerator(
              PGPSignature.POSITIVE_CERTIFICATION,
              pair,
              "Test Archive <test@example.org>",
              new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
              subpackets.generate(),
              null,
              new BcPGPContentSignerBuilder(
                  PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512),
              null);
      return new SigningKey(rings.generateSecretKeyRing(), HashAlgorithmTags.SHA512);
    } catch (PGPException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The same key, signing with another hash function. */
  public SigningKey withHash(int algorithm) {
    return new SigningKey(ring, algorithm);
  }

  public byte[] publicKey() throws IOException {
    return ring.toCertificate().getEncoded();
  }

  /** The text in a clear-signed frame. */
  public byte[] clearSign(String text, Date when) throws IOException {
    var out = new ByteArrayOutputStream();
    try {
      PGPSecretKey secret = ring.getSecretKey();
      var generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(secret.getPublicKey().getAlgorithm(), hash),
              secret.getPublicKey());
      generator.init(
          PGPSignature.CANONICAL_TEXT_DOCUMENT,
          secret.extractPrivateKey(
              new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider())
                  .build(new char[0])));
      var subpackets = new PGPSignatureSubpacketGenerator();
      subpackets.setSignatureCreationTime(false, when);
      subpackets.setIssuerFingerprint(false, secret.getPublicKey());
      generator.setHashedSubpackets(subpackets.generate());
      out.writeBytes(
          ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + text)
              .getBytes(StandardCharsets.UTF_8));
      String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
      generator.update(body.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
      var armour = new ByteArrayOutputStream();
      try (var armoured = new ArmoredOutputStream(armour);
          var packets = new BCPGOutputStream(armoured)) {
        generator.generate().encode(packets);
      }
      out.writeBytes(armour.toByteArray());
    } catch (PGPException impossible) {
      throw new IllegalStateException(impossible);
    }
    return out.toByteArray();
  }
}
