package dev.countersign.x509.certificate;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.pem.PemBlock;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.KeyDescription;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An X.509 certificate (RFC 5280).
 *
 * <p>Immutable, safe for use by several threads; equal by its bytes.
 */
public final class Certificate {
  /** The label of a certificate's PEM block. */
  public static final String PEM_LABEL = "CERTIFICATE";

  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";

  private final Bytes der;
  private final X509Certificate x509;
  private final DistinguishedName subject;
  private final DistinguishedName issuer;
  private final KeyDescription key;
  private final List<RequestedExtension> extensions;
  private final List<SubjectAltName> sans;
  private final Set<ExtendedKeyUsage> extendedKeyUsages;

  private Certificate(Bytes der, X509Certificate x509) throws DerException {
    this.der = der;
    this.x509 = x509;
    List<DerValue> parts =
        DerValue.parse("certificate", der).childrenOf("certificate", DerTag.SEQUENCE, 3, 3);
    List<DerValue> fields =
        parts.get(0).childrenOf("certificate.info", DerTag.SEQUENCE, 7, Integer.MAX_VALUE);
    if (!fields.get(0).isContext(0)) {
      throw new DerException("certificate.version", "1", "3");
    }
    issuer = DistinguishedName.read("certificate.issuer", fields.get(3));
    subject = DistinguishedName.read("certificate.subject", fields.get(5));
    key = KeyDescription.read("certificate.key", fields.get(6));
    List<RequestedExtension> extensionsRead = List.of();
    for (DerValue field : fields.subList(7, fields.size())) {
      if (field.isContext(3) && field.children().size() == 1) {
        extensionsRead =
            RequestedExtension.readAll("certificate.extensions", field.children().getFirst());
      }
    }
    extensions = extensionsRead;
    List<SubjectAltName> sansRead = new ArrayList<>();
    EnumSet<ExtendedKeyUsage> usages = EnumSet.noneOf(ExtendedKeyUsage.class);
    for (RequestedExtension extension : extensions) {
      if (extension.oid().equals(RequestedExtension.SUBJECT_ALT_NAME)) {
        sansRead.addAll(SubjectAltName.readAll("certificate.sans", extension.value()));
      } else if (extension.oid().equals(RequestedExtension.EXTENDED_KEY_USAGE)) {
        String path = "certificate.extendedKeyUsage";
        for (DerValue usage :
            DerValue.parse(path, extension.value())
                .childrenOf(path, DerTag.SEQUENCE, 1, Integer.MAX_VALUE)) {
          usages.add(ExtendedKeyUsage.ofOid(usage.oid(path)));
        }
      }
    }
    sans = List.copyOf(sansRead);
    extendedKeyUsages = Set.copyOf(usages);
  }

  /** Reads one certificate in DER, of version 3 as all are that matter here. */
  public static ParseResult<Certificate> parseDer(Bytes der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      X509Certificate x509 =
          (X509Certificate)
              factory.generateCertificate(new ByteArrayInputStream(der.toByteArray()));
      return ParseResult.parsed(new Certificate(der, x509));
    } catch (CertificateException e) {
      return ParseResult.refused("certificate", der.size() + " bytes of something else", "X.509");
    } catch (DerException e) {
      return ParseResult.refused(e.path(), e.got(), e.want());
    }
  }

  /** Reads the only certificate of a text. */
  public static ParseResult<Certificate> parsePem(String pem) {
    return parseChain(pem)
        .then(
            chain ->
                chain.size() == 1
                    ? ParseResult.parsed(chain.getFirst())
                    : ParseResult.refused(
                        "certificate", chain.size() + " certificates", "exactly one"));
  }

  /**
   * Reads one or more certificates in order: a chain or a bundle. Private keys beside them are
   * skipped, so that a kubelet's combined file can be read.
   */
  public static ParseResult<List<Certificate>> parseChain(String pem) {
    return Pem.parseAll(pem).then(Certificate::parseBlocks);
  }

  private static ParseResult<List<Certificate>> parseBlocks(List<PemBlock> blocks) {
    List<Certificate> chain = new ArrayList<>();
    for (PemBlock block : blocks) {
      if (!block.label().equals(PEM_LABEL)) {
        continue;
      }
      switch (parseDer(block.content())) {
        case ParseResult.Parsed<Certificate>(Certificate certificate) -> chain.add(certificate);
        case ParseResult.Refused<Certificate>(List<ParseError> errors) -> {
          String place = "pem certificate " + (chain.size() + 1) + ": ";
          return new ParseResult.Refused<>(
              errors.stream().map(error -> error.at(place + error.path())).toList());
        }
      }
    }
    return chain.isEmpty()
        ? ParseResult.refused("pem", "no certificate", "at least one")
        : ParseResult.parsed(List.copyOf(chain));
  }

  /**
   * Takes a certificate the JDK read, such as from a TLS session.
   *
   * @throws IllegalArgumentException where it is not DER or not of version 3
   */
  public static Certificate of(X509Certificate certificate) {
    try {
      return new Certificate(Bytes.copyOf(certificate.getEncoded()), certificate);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("certificate: got one without bytes; want DER", e);
    } catch (DerException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The whole certificate. */
  public Bytes der() {
    return der;
  }

  /** The whole certificate as PEM, lines of 64 characters. */
  public String toPem() {
    return Pem.encode(PEM_LABEL, der);
  }

  /** Certificates one after another as PEM, for a chain file or bundle. */
  public static String toPem(List<Certificate> certificates) {
    StringBuilder out = new StringBuilder();
    certificates.forEach(certificate -> out.append(certificate.toPem()));
    return out.toString();
  }

  /** For TLS and path validation. */
  public X509Certificate x509() {
    return x509;
  }

  /** The subject as encoded. */
  public DistinguishedName subject() {
    return subject;
  }

  /** The issuer as encoded. */
  public DistinguishedName issuer() {
    return issuer;
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
    return key;
  }

  /** Every extension in order. */
  public List<RequestedExtension> extensions() {
    return extensions;
  }

  /** The names of the SAN extension in order. */
  public List<SubjectAltName> sans() {
    return sans;
  }

  /** Whether basicConstraints says that it may issue. */
  public boolean isAuthority() {
    return x509.getBasicConstraints() >= 0;
  }

  /** The extended key usages; empty where the extension is absent, which means any. */
  public Set<ExtendedKeyUsage> extendedKeyUsages() {
    return extendedKeyUsages;
  }

  /** The identifier of its key, where the extension is present and readable. */
  public Optional<Bytes> subjectKeyIdentifier() {
    return extension(SUBJECT_KEY_IDENTIFIER)
        .filter(value -> value.is(DerTag.OCTET_STRING))
        .map(DerValue::content);
  }

  /** The identifier of its issuer's key, where the extension is present and has one. */
  public Optional<Bytes> authorityKeyIdentifier() {
    return extension(AUTHORITY_KEY_IDENTIFIER)
        .flatMap(value -> value.children().stream().filter(c -> c.isContext(0)).findFirst())
        .map(DerValue::content);
  }

  private Optional<DerValue> extension(String oid) {
    for (RequestedExtension extension : extensions) {
      if (extension.oid().equals(oid)) {
        try {
          return Optional.of(DerValue.parse(extension.value()));
        } catch (DerException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Certificate that && der.equals(that.der);
  }

  @Override
  public int hashCode() {
    return der.hashCode();
  }

  /** Subject, serial number and end of validity, for people. */
  @Override
  public String toString() {
    return "Certificate["
        + subject
        + ", serial "
        + serial().toString(16)
        + ", until "
        + notAfter()
        + "]";
  }
}
