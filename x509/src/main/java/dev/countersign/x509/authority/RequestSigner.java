package dev.countersign.x509.authority;

import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.security.SecureRandom;
import java.util.List;

/** Makes certificate requests as Go's crypto/x509, and so the kubelet, makes them. */
public final class RequestSigner {
  private RequestSigner() {}

  /**
   * Makes a request.
   *
   * @param sans without any, the request has no extensions, as a kubelet's client request
   */
  public static CertificateRequest sign(
      DistinguishedName subject, List<SubjectAltName> sans, KeyPair keys, SecureRandom random) {
    return dev.countersign.x509.UnderConstruction.todo();
  }
}
