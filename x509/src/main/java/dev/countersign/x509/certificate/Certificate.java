package dev.countersign.x509.certificate;

import dev.countersign.x509.Bytes;
import dev.countersign.x509.Reading;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.KeyDescription;
import dev.countersign.x509.request.SubjectAltName;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An X.509 certificate (RFC 5280).
 *
 * <p>Immutable, safe for use by several threads; equal by its bytes.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"})
public final class Certificate {
  private final Bytes der;
  private final X509Certificate x509;

  private Certificate(Bytes der, X509Certificate x509) {
    this.der = der;
    this.x509 = x509;
  }

  /** Reads one certificate in DER. */
  public static Reading<Certificate> parseDer(Bytes der) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Reads the only certificate of a text. */
  public static Reading<Certificate> parsePem(String pem) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /**
   * Reads one or more certificates in order: a chain or a bundle. Private keys beside them are
   * skipped, so that a kubelet's combined file can be read.
   */
  public static Reading<List<Certificate>> parseChain(String pem) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Takes a certificate the JDK read, such as from a TLS session. */
  public static Certificate of(X509Certificate certificate) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The whole certificate. */
  public Bytes der() {
    return der;
  }

  /** The whole certificate as PEM, lines of 64 characters. */
  public String toPem() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** For TLS and path validation. */
  public X509Certificate x509() {
    return x509;
  }

  /** The subject as encoded. */
  public DistinguishedName subject() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The issuer as encoded. */
  public DistinguishedName issuer() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The serial number. */
  public BigInteger serial() {
    return x509.getSerialNumber();
  }

  /** First moment of validity. */
  public Instant notBefore() {
    return x509.getNotBefore().toInstant();
  }

  /** Last moment of validity. */
  public Instant notAfter() {
    return x509.getNotAfter().toInstant();
  }

  /** The public key. */
  public KeyDescription key() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The names of the SAN extension in order. */
  public List<SubjectAltName> sans() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Whether basicConstraints says that it may issue. */
  public boolean isAuthority() {
    return x509.getBasicConstraints() >= 0;
  }

  /** The extended key usages; empty where the extension is absent, which means any. */
  public Set<ExtendedKeyUsage> extendedKeyUsages() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The identifier of its key, where the extension is present. */
  public Optional<Bytes> subjectKeyIdentifier() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The identifier of its issuer's key, where the extension is present. */
  public Optional<Bytes> authorityKeyIdentifier() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Certificate that && der.equals(that.der);
  }

  @Override
  public int hashCode() {
    return der.hashCode();
  }
}
