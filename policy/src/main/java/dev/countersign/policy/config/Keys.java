package dev.countersign.policy.config;

import dev.countersign.x509.request.KeyAlgorithm;
import java.util.Set;

/**
 * Which keys are good.
 *
 * @param algorithms the algorithms
 * @param curves names of curves for ECDSA
 * @param rsaShortest bits
 * @param rsaLongest bits; verifying a signature costs with the square
 */
public record Keys(
    Set<KeyAlgorithm> algorithms, Set<String> curves, int rsaShortest, int rsaLongest) {
  public Keys {
    algorithms = Set.copyOf(algorithms);
    curves = Set.copyOf(curves);
    PolicyConfig.require(!algorithms.isEmpty(), "algorithms must not be empty");
    PolicyConfig.require(rsaShortest >= 2048, "rsaShortest must be 2048 or more");
    PolicyConfig.require(rsaLongest >= rsaShortest, "rsaLongest must not be below rsaShortest");
  }

  /** RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 and P-521, Ed25519. */
  public static Keys defaults() {
    return new Keys(
        Set.of(KeyAlgorithm.RSA, KeyAlgorithm.ECDSA, KeyAlgorithm.ED25519),
        Set.of("P-256", "P-384", "P-521"),
        2048,
        8192);
  }
}
