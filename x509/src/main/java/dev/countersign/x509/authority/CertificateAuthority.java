package dev.countersign.x509.authority;

import dev.countersign.x509.Reading;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Objects;

/**
 * A certificate and the key to sign others with.
 *
 * <p>Immutable and safe for use by several threads as far as the given {@link SecureRandom} is.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"})
public final class CertificateAuthority {
  private final Certificate certificate;
  private final KeyPair keys;

  private CertificateAuthority(Certificate certificate, KeyPair keys) {
    this.certificate = certificate;
    this.keys = keys;
  }

  /**
   * Makes a self-signed authority.
   *
   * @param profile of purpose {@link CertificateProfile.Purpose#AUTHORITY}
   * @param now the moment of issue; validity begins five minutes before it, as with Kubernetes
   */
  public static CertificateAuthority create(
      CertificateProfile profile, KeyPair keys, SecureRandom random, Instant now) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Joins a certificate and its key; refuses a pair that does not match or must not issue. */
  public static Reading<CertificateAuthority> load(Certificate certificate, KeyPair keys) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /**
   * Issues a certificate.
   *
   * @param now the moment of issue; validity begins five minutes before it, but never before the
   *     authority's, and ends no later than the authority's
   */
  public Certificate issue(
      CertificateProfile profile, PublicKey publicKey, SecureRandom random, Instant now) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The authority's own certificate. */
  public Certificate certificate() {
    return certificate;
  }

  /** The authority's own key. */
  public KeyPair keys() {
    return keys;
  }

  @Override
  public String toString() {
    return "CertificateAuthority[" + Objects.toString(certificate) + "]";
  }
}
