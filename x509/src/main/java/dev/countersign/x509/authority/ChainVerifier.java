package dev.countersign.x509.authority;

import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import java.time.Instant;
import java.util.List;

/** Path validation (RFC 5280, section 6) against a bundle of authorities. */
public final class ChainVerifier {
  private final List<Certificate> authorities;

  private ChainVerifier(List<Certificate> authorities) {
    this.authorities = List.copyOf(authorities);
  }

  /** Trusts these authorities and nothing else. */
  public static ChainVerifier trusting(List<Certificate> authorities) {
    return new ChainVerifier(authorities);
  }

  /** The authorities this verifier trusts. */
  public List<Certificate> authorities() {
    return authorities;
  }

  /**
   * Verifies signatures, validity, constraints and usage.
   *
   * @param chain the leaf first, then intermediates in order
   * @param usage what the leaf must be good for
   */
  public ChainVerdict verify(List<Certificate> chain, ExtendedKeyUsage usage, Instant at) {
    return dev.countersign.x509.UnderConstruction.todo();
  }
}
