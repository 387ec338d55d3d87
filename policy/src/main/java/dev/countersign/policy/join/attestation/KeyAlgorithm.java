package dev.countersign.policy.join.attestation;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/** What a key verifies: one algorithm, which follows from the key alone. */
final class KeyAlgorithm {
  private static final int SMALLEST_RSA = 2048;
  private static final int P256 = 256;

  private KeyAlgorithm() {}

  /** The algorithm of a key; empty for one of another kind or size. */
  static Optional<JWSAlgorithm> of(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= SMALLEST_RSA ->
          Optional.of(JWSAlgorithm.RS256);
      case ECPublicKey ec when ec.getParams().getCurve().getField().getFieldSize() == P256 ->
          Optional.of(JWSAlgorithm.ES256);
      case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") ->
          Optional.of(JWSAlgorithm.EdDSA);
      default -> Optional.empty();
    };
  }

  /** Whether the key verifies the signature, by its own algorithm. */
  static boolean verifies(PublicKey key, JWSHeader header, byte[] signed, Base64URL signature) {
    if (of(key).filter(header.getAlgorithm()::equals).isEmpty()) {
      return false;
    }
    try {
      return switch (key) {
        case RSAPublicKey rsa -> new RSASSAVerifier(rsa).verify(header, signed, signature);
        case ECPublicKey ec -> new ECDSAVerifier(ec).verify(header, signed, signature);
        default -> ed25519(key, signed, signature.decode());
      };
    } catch (GeneralSecurityException | JOSEException e) {
      return false;
    }
  }

  /** By the JDK: nimbus-jose-jwt would need Google Tink for it. */
  private static boolean ed25519(PublicKey key, byte[] signed, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(key);
    verifier.update(signed);
    return verifier.verify(signature);
  }
}
