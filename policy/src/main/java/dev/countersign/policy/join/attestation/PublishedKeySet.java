package dev.countersign.policy.join.attestation;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import dev.countersign.common.Bytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys of a JSON Web Key Set (RFC 7517) that may verify identity documents. */
public final class PublishedKeySet {
  private static final int ED25519_BYTES = 32;

  /** What stands before the 32 bytes in a subjectPublicKeyInfo (RFC 8410). */
  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  private PublishedKeySet() {}

  /**
   * The keys of a set that count for a document. Keys for another use, of another kind or size, and
   * secret ones do not: a set may hold them for others.
   *
   * @param keyId the {@code kid} that the document names, if it names one
   */
  public static List<PublicKey> keys(JWKSet set, Optional<String> keyId) {
    List<PublicKey> keys = new ArrayList<>();
    for (JWK each : set.getKeys()) {
      if (!each.isPrivate() && isForSignatures(each) && isCalled(each, keyId)) {
        publicKey(each)
            .filter(
                key ->
                    KeyAlgorithm.of(key)
                        .filter(
                            own -> each.getAlgorithm() == null || own.equals(each.getAlgorithm()))
                        .isPresent())
            .ifPresent(keys::add);
      }
    }
    return List.copyOf(keys);
  }

  private static boolean isForSignatures(JWK key) {
    return key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
  }

  private static boolean isCalled(JWK key, Optional<String> keyId) {
    return keyId.isEmpty() || key.getKeyID() == null || keyId.get().equals(key.getKeyID());
  }

  private static Optional<PublicKey> publicKey(JWK key) {
    try {
      return switch (key) {
        case RSAKey rsa -> Optional.of(rsa.toPublicKey());
        case ECKey ec -> Optional.of(ec.toPublicKey());
        case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> ed25519(pair);
        default -> Optional.empty();
      };
    } catch (GeneralSecurityException | JOSEException e) {
      return Optional.empty();
    }
  }

  private static Optional<PublicKey> ed25519(OctetKeyPair pair) throws GeneralSecurityException {
    byte[] point = pair.getDecodedX();
    if (point.length != ED25519_BYTES) {
      return Optional.empty();
    }
    byte[] encoded = Bytes.fromHex(ED25519_PREFIX + Bytes.copyOf(point).toHex()).toByteArray();
    return Optional.of(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
  }
}
