package dev.countersign.render;

import java.security.SecureRandom;

/**
 * The source of chance for keys, serial numbers and tokens.
 *
 * <p>Asked once for each purpose, so that a fixed source gives the same result whatever the order
 * in which keys are made, and on however many threads. Implementations are safe for use by several
 * threads.
 */
@FunctionalInterface
public interface RandomSource {

  /**
   * A generator for one purpose.
   *
   * @param label such as {@code key tls/k8s/ca.key}
   */
  SecureRandom purpose(String label);

  /** One generator for all; it must be safe for use by several threads, as Java's own are. */
  static RandomSource of(SecureRandom random) {
    return label -> random;
  }
}
