package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.pem.Pem;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PKCS#10 certificate request as signed (RFC 2986).
 *
 * <p>Every byte is accounted for: what is not DER, not of the structure of a request, or after its
 * end makes it unreadable; everything else is visible here, in order, with duplicates.
 *
 * <p>Immutable, safe for use by several threads; equal by its bytes.
 */
public final class CertificateRequest {
  /** Larger requests are refused before they are read, in bytes of DER. */
  public static final int MAX_SIZE = 256 * 1024;

  /** The label of a request's PEM block; Kubernetes takes no other. */
  public static final String PEM_LABEL = "CERTIFICATE REQUEST";

  private final Bytes der;
  private final DerValue signedPart;
  private final DerValue signatureAlgorithm;
  private final String signatureAlgorithmOid;
  private final Bytes signature;
  private final DistinguishedName subject;
  private final KeyDescription key;
  private final List<RequestAttribute> attributes;
  private final List<RequestedExtension> extensions;
  private final List<SubjectAltName> sans;
  private volatile @Nullable ProofOfPossession proofOfPossession;

  private CertificateRequest(Bytes der) throws DerException {
    this.der = der;
    List<DerValue> parts =
        DerValue.parse("request", der).childrenOf("request", DerTag.SEQUENCE, 3, 3);
    signedPart = parts.get(0);
    List<DerValue> fields = signedPart.childrenOf("request.info", DerTag.SEQUENCE, 4, 4);
    BigInteger version = fields.get(0).integer("request.version");
    if (version.signum() != 0) {
      throw new DerException("request.version", abbreviated(version), "0");
    }
    subject = DistinguishedName.read("request.subject", fields.get(1));
    key = KeyDescription.read("request.key", fields.get(2));
    DerValue attributeSet = fields.get(3);
    if (!attributeSet.isContext(0) || !attributeSet.isConstructed()) {
      throw new DerException("request.attributes", attributeSet.kind(), "a constructed [0]");
    }
    List<RequestAttribute> attributesRead = new ArrayList<>(1);
    List<RequestedExtension> extensionsRead = new ArrayList<>(1);
    for (DerValue attribute : attributeSet.children()) {
      try {
        readAttribute(attribute, attributesRead, extensionsRead);
      } catch (DerException e) {
        throw e.within("request.attributes[" + attributesRead.size() + "]");
      }
    }
    attributes = List.copyOf(attributesRead);
    extensions = List.copyOf(extensionsRead);
    List<SubjectAltName> sansRead = new ArrayList<>(2);
    for (int i = 0; i < extensions.size(); i++) {
      RequestedExtension extension = extensions.get(i);
      if (extension.oid().equals(RequestedExtension.SUBJECT_ALT_NAME)) {
        sansRead.addAll(
            SubjectAltName.readAll("request.extensions[" + i + "].value", extension.value()));
      }
    }
    sans = List.copyOf(sansRead);
    signatureAlgorithm = parts.get(1);
    signatureAlgorithmOid =
        signatureAlgorithm
            .childrenOf("request.signatureAlgorithm", DerTag.SEQUENCE, 1, 2)
            .get(0)
            .oid("request.signatureAlgorithm");
    signature = parts.get(2).octetsOfBitString("request.signature");
  }

  private static void readAttribute(
      DerValue attribute, List<RequestAttribute> attributes, List<RequestedExtension> extensions)
      throws DerException {
    List<DerValue> pair = attribute.childrenOf("", DerTag.SEQUENCE, 2, 2);
    String oid = pair.get(0).oid(".type");
    List<DerValue> values = pair.get(1).childrenOf(".values", DerTag.SET, 1, Integer.MAX_VALUE);
    List<Bytes> encoded = new ArrayList<>(values.size());
    for (DerValue value : values) {
      if (oid.equals(RequestAttribute.EXTENSION_REQUEST)) {
        extensions.addAll(RequestedExtension.readAll(".values[" + encoded.size() + "]", value));
      }
      encoded.add(value.encoded());
    }
    attributes.add(new RequestAttribute(oid, encoded));
  }

  private static String abbreviated(BigInteger number) {
    return number.bitLength() > 64 ? "a number of " + number.bitLength() + " bits" : "" + number;
  }

  /**
   * Reads the text of {@code spec.request} of a CertificateSigningRequest: one block {@value
   * #PEM_LABEL} and nothing around it but line ends after it.
   */
  public static ParseResult<CertificateRequest> parsePem(String pem) {
    if (pem.length() > 2 * MAX_SIZE) {
      return ParseResult.refused("pem", pem.length() + " characters", "at most " + 2 * MAX_SIZE);
    }
    return Pem.parseOnly(PEM_LABEL, pem).then(CertificateRequest::parseDer);
  }

  /** Reads one request in DER and nothing after it. */
  public static ParseResult<CertificateRequest> parseDer(Bytes der) {
    if (der.size() > MAX_SIZE) {
      return ParseResult.refused("request", der.size() + " bytes", "at most " + MAX_SIZE);
    }
    try {
      return ParseResult.parsed(new CertificateRequest(der));
    } catch (DerException e) {
      return ParseResult.refused(e.path(), e.got(), e.want());
    }
  }

  /** The whole request. */
  public Bytes der() {
    return der;
  }

  /** The CertificationRequestInfo: the bytes under the signature. */
  public Bytes signedPart() {
    return signedPart.encoded();
  }

  /** The subject as encoded. */
  public DistinguishedName subject() {
    return subject;
  }

  /** The public key. */
  public KeyDescription key() {
    return key;
  }

  /** Every attribute in order, duplicates kept. */
  public List<RequestAttribute> attributes() {
    return attributes;
  }

  /** Every requested extension of every extensionRequest attribute in order, duplicates kept. */
  public List<RequestedExtension> extensions() {
    return extensions;
  }

  /** Every name of every SAN extension in order, duplicates kept. */
  public List<SubjectAltName> sans() {
    return sans;
  }

  /** The declared signature algorithm, in dotted form. */
  public String signatureAlgorithmOid() {
    return signatureAlgorithmOid;
  }

  /**
   * Verifies the signature with the key of the request; on first use, then remembered. Costs about
   * 100 µs.
   */
  public ProofOfPossession proofOfPossession() {
    ProofOfPossession known = proofOfPossession;
    if (known == null) {
      known = SignatureVerifier.verify(key, signatureAlgorithm, signedPart.encoded(), signature);
      proofOfPossession = known;
    }
    return known;
  }

  /** The request as PEM, lines of 64 characters, as Kubernetes' tools write it. */
  public String toPem() {
    return Pem.encode(PEM_LABEL, der);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CertificateRequest that && der.equals(that.der);
  }

  @Override
  public int hashCode() {
    return der.hashCode();
  }

  /** The subject and the size, for people. */
  @Override
  public String toString() {
    return "CertificateRequest[" + subject + ", " + der.size() + " bytes]";
  }
}
