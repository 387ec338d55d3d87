package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.KeyAlgorithm;
import dev.countersign.x509.request.KeyDescription;
import dev.countersign.x509.request.ProofOfPossession;
import dev.countersign.x509.request.SignatureScheme;

/**
 * The request's signature verifies with its own key, under a hash that is still trusted.
 *
 * <p>The API server verifies it, too, at creation; it accepts SHA-1. Keys that {@link KeyIsGood}
 * refuses for their size are not worth the cost of verifying.
 */
final class PossessionIsProven implements RequestCheck {
  private static final String PATH = "request.signature";

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection
        .request()
        .filter(request -> isWorthVerifying(request.key(), config.keys()))
        .ifPresent(request -> inspect(request, findings));
  }

  private static boolean isWorthVerifying(KeyDescription key, Keys keys) {
    return keys.algorithms().contains(key.algorithm())
        && (key.algorithm() != KeyAlgorithm.RSA || key.bits() <= keys.rsaLongest());
  }

  private static void inspect(CertificateRequest request, ViolationCollector findings) {
    switch (request.proofOfPossession()) {
      case ProofOfPossession.Proven(SignatureScheme scheme) -> {
        if (scheme.weakDigest()) {
          findings.add(
              Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED,
              PATH,
              scheme.toString(),
              "a signature with SHA-256, SHA-384, SHA-512 or Ed25519");
        }
      }
      case ProofOfPossession.Refuted(SignatureScheme scheme) ->
          findings.add(
              Reason.POSSESSION_NOT_PROVEN,
              PATH,
              "a " + scheme + " signature that does not verify",
              "one made with the private key of the request");
      case ProofOfPossession.Unverifiable(String algorithm, String why) ->
          findings.add(
              Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED,
              PATH,
              "algorithm " + SafeText.quote(algorithm) + ": " + why,
              "a signature with SHA-256, SHA-384, SHA-512 or Ed25519");
    }
  }
}
