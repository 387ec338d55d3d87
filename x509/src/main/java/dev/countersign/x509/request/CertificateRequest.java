package dev.countersign.x509.request;

import dev.countersign.x509.Bytes;
import java.util.List;

/**
 * A PKCS#10 certificate request as signed (RFC 2986).
 *
 * <p>Immutable, safe for use by several threads; equal by its bytes.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"})
public final class CertificateRequest {
  private final Bytes der;

  private CertificateRequest(Bytes der) {
    this.der = der;
  }

  /**
   * Reads the text of {@code spec.request} of a CertificateSigningRequest: one block {@code
   * CERTIFICATE REQUEST} and nothing around it.
   */
  public static RequestParse parsePem(String pem) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Reads one request in DER and nothing after it. */
  public static RequestParse parseDer(Bytes der) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The whole request. */
  public Bytes der() {
    return der;
  }

  /** The CertificationRequestInfo: the bytes under the signature. */
  public Bytes signedPart() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The subject as encoded. */
  public DistinguishedName subject() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The public key. */
  public KeyDescription key() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Every attribute in order, duplicates kept. */
  public List<RequestAttribute> attributes() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Every requested extension of every extensionRequest attribute in order, duplicates kept. */
  public List<RequestedExtension> extensions() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Every name of every SAN extension in order, duplicates kept. */
  public List<SubjectAltName> sans() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The declared signature algorithm, in dotted form. */
  public String signatureAlgorithmOid() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Verifies the signature with the key of the request; computed once, on first use. */
  public ProofOfPossession proofOfPossession() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** The request as PEM, lines of 64 characters, as Kubernetes' tools write it. */
  public String toPem() {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CertificateRequest that && der.equals(that.der);
  }

  @Override
  public int hashCode() {
    return der.hashCode();
  }
}
