package dev.countersign.testbed.api;

import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeys;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain, leaf first, and its key. Secret: shown as its subject only. */
public final class Identity {
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]*-----END CERTIFICATE-----");

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  /** Joins a chain and the key of its leaf. */
  public Identity(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = Objects.requireNonNull(key);
    if (this.chain.isEmpty()) {
      throw new IllegalArgumentException("chain: got no certificate; want at least the leaf");
    }
  }

  /** Reads both from PEM. */
  public static Identity parse(String certificates, SecretText key)
      throws GeneralSecurityException {
    return switch (PrivateKeys.parsePem(key)) {
      case ParseResult.Parsed<KeyPair>(KeyPair pair) ->
          new Identity(
              parseCertificates(certificates),
              pair.privateKey(SecretAccess.because("used for TLS in this process")));
      case ParseResult.Refused<KeyPair> unreadable ->
          throw new GeneralSecurityException(unreadable.message());
    };
  }

  /** Reads every certificate of a PEM text. */
  public static List<X509Certificate> parseCertificates(String pem) throws CertificateException {
    // A kubelet keeps its key in the same file: only the certificates are taken.
    StringBuilder certificates = new StringBuilder();
    Matcher block = CERTIFICATE.matcher(pem);
    while (block.find()) {
      certificates.append(block.group()).append('\n');
    }
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(
            new ByteArrayInputStream(certificates.toString().getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  /** The leaf. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  Certificate[] chain() {
    return chain.toArray(Certificate[]::new);
  }

  X509Certificate[] x509Chain() {
    return chain.toArray(X509Certificate[]::new);
  }

  PrivateKey key() {
    return key;
  }

  @Override
  public String toString() {
    Principal subject = certificate().getSubjectX500Principal();
    return "Identity[" + subject.getName() + ", key redacted]";
  }
}
