package dev.countersign.x509.authority;

import dev.countersign.common.ParseResult;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.RequestAttribute;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.security.SecureRandom;
import java.util.List;

/** Makes certificate requests as Go's crypto/x509, and so the kubelet, makes them. */
public final class RequestSigner {
  private RequestSigner() {}

  /**
   * A kubelet's client request: {@code O=system:nodes, CN=system:node:<name>}, no extensions
   * (kubernetes pkg/kubelet/certificate/bootstrap).
   */
  public static CertificateRequest kubeletClient(
      String nodeName, KeyPair keys, SecureRandom random) {
    return sign(kubeletName(nodeName), List.of(), keys, random);
  }

  /**
   * A kubelet's serving request: the same name and a SAN extension (kubernetes
   * pkg/kubelet/certificate/kubelet.go).
   *
   * @param sans DNS names first, then addresses, as Go's crypto/x509 orders them
   */
  public static CertificateRequest kubeletServing(
      String nodeName, List<SubjectAltName> sans, KeyPair keys, SecureRandom random) {
    return sign(kubeletName(nodeName), sans, keys, random);
  }

  private static DistinguishedName kubeletName(String nodeName) {
    return DistinguishedName.of(List.of("system:nodes"), "system:node:" + nodeName);
  }

  /**
   * Makes a request.
   *
   * @param sans without any, the request has no extensions, as a kubelet's client request
   */
  public static CertificateRequest sign(
      DistinguishedName subject, List<SubjectAltName> sans, KeyPair keys, SecureRandom random) {
    return signWithExtensions(
        subject,
        sans.isEmpty()
            ? List.of()
            : List.of(
                new RequestedExtension(
                    RequestedExtension.SUBJECT_ALT_NAME, false, SubjectAltName.encodeAll(sans))),
        keys,
        random);
  }

  /**
   * Makes a request for whatever extensions, also ones that nobody should ask for.
   *
   * @param extensions in this order, in one extensionRequest attribute; none at all without any
   */
  public static CertificateRequest signWithExtensions(
      DistinguishedName subject,
      List<RequestedExtension> extensions,
      KeyPair keys,
      SecureRandom random) {
    byte[][] attributes =
        extensions.isEmpty()
            ? new byte[0][]
            : new byte[][] {
              DerWriter.sequence(
                  DerWriter.oid(RequestAttribute.EXTENSION_REQUEST),
                  DerWriter.setOf(
                      List.of(
                          DerWriter.sequence(
                              extensions.stream().map(RequestSigner::encode).toList()))))
            };
    byte[] info =
        DerWriter.sequence(
            DerWriter.integer(0),
            subject.encoded().toByteArray(),
            keys.description().spki().toByteArray(),
            DerWriter.explicit(0, attributes));
    return switch (CertificateRequest.parseDer(new CertificateSigner(keys).sign(info, random))) {
      case ParseResult.Parsed<CertificateRequest>(CertificateRequest request) -> request;
      case ParseResult.Refused<CertificateRequest> malformed ->
          throw new AssertionError(malformed.message());
    };
  }

  private static byte[] encode(RequestedExtension extension) {
    byte[] oid = DerWriter.oid(extension.oid());
    byte[] value = DerWriter.octetString(extension.value().toByteArray());
    return extension.critical()
        ? DerWriter.sequence(oid, DerWriter.tagged(DerTag.BOOLEAN, new byte[] {(byte) 0xff}), value)
        : DerWriter.sequence(oid, value);
  }
}
