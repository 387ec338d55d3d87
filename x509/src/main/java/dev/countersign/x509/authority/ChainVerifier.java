package dev.countersign.x509.authority;

import dev.countersign.x509.authority.ChainVerdict.Trusted;
import dev.countersign.x509.authority.ChainVerdict.Untrusted;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Path validation (RFC 5280, section 6) against a bundle of authorities. Without revocation, which
 * Kubernetes does not have.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ChainVerifier {
  private final List<Certificate> authorities;

  private ChainVerifier(List<Certificate> authorities) {
    this.authorities = List.copyOf(authorities);
    if (this.authorities.isEmpty()) {
      throw new IllegalArgumentException("authorities: got none; want at least one");
    }
  }

  /**
   * Trusts these authorities and nothing else.
   *
   * @throws IllegalArgumentException where there are none
   */
  public static ChainVerifier trusting(List<Certificate> authorities) {
    return new ChainVerifier(authorities);
  }

  /** The authorities this verifier trusts. */
  public List<Certificate> authorities() {
    return authorities;
  }

  /**
   * Verifies signatures, validity (of the authority, too), constraints and usage.
   *
   * @param chain the leaf first, then intermediates in order; a trusted authority at the end may
   *     stand there
   * @param usage what the leaf must be good for; a leaf without extended key usages is good for all
   */
  public ChainVerdict verify(List<Certificate> chain, ExtendedKeyUsage usage, Instant at) {
    if (chain.isEmpty()) {
      return new Untrusted("the chain is empty");
    }
    Certificate leaf = chain.getFirst();
    Set<ExtendedKeyUsage> usages = leaf.extendedKeyUsages();
    if (!usages.isEmpty() && !usages.contains(usage)) {
      return new Untrusted(leaf + " is good for " + usages + "; want " + usage);
    }
    List<Certificate> untrusted =
        chain.stream().filter(certificate -> !authorities.contains(certificate)).toList();
    if (untrusted.isEmpty()) {
      return new Untrusted(leaf + " is itself an authority; want one that it issued");
    }
    Set<TrustAnchor> anchors =
        authorities.stream()
            .filter(authority -> !at.isBefore(authority.notBefore()))
            .filter(authority -> !at.isAfter(authority.notAfter()))
            .map(authority -> new TrustAnchor(authority.x509(), null))
            .collect(Collectors.toSet());
    if (anchors.isEmpty()) {
      return new Untrusted("no trusted authority is valid at " + at);
    }
    try {
      CertPath path =
          CertificateFactory.getInstance("X.509")
              .generateCertPath(untrusted.stream().map(Certificate::x509).toList());
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
      return new Trusted();
    } catch (CertPathValidatorException e) {
      return new Untrusted(leaf + ": " + e.getMessage());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK validates paths", e);
    }
  }
}
