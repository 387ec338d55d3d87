package dev.countersign.x509.authority;

import java.util.Objects;

/** The outcome of verifying a certificate chain. */
public sealed interface ChainVerdict {

  /** The chain ends at a trusted authority and is good for the usage asked about. */
  record Trusted() implements ChainVerdict {}

  /**
   * It does not.
   *
   * @param why in words
   */
  record Untrusted(String why) implements ChainVerdict {
    public Untrusted {
      Objects.requireNonNull(why, "why");
    }
  }
}
