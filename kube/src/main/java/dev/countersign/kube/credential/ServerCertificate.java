package dev.countersign.kube.credential;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/**
 * The certificate that a server of this process shows. Files are read again when they change; while
 * a new pair is incomplete or broken the old one stays in use. Thread-safe.
 */
public final class ServerCertificate {
  /** Longer than a process runs; who trusts it is told to trust anybody. */
  private static final Duration SELF_SIGNED_VALIDITY = Duration.ofDays(3650);

  private final TlsIdentity identity;

  private ServerCertificate(DataOrFile certificate, DataOrFile key) {
    this.identity =
        new TlsIdentity(Optional.empty(), Optional.of(certificate), Optional.of(key), true);
  }

  /**
   * Files in PEM, such as those of a Secret of type {@code kubernetes.io/tls}.
   *
   * @param certificateOption the option that names the certificate's file, for messages
   * @param certificate the certificate, and the intermediate authorities after it
   * @param keyOption the option that names the key's file
   * @param key the private key
   */
  public static ServerCertificate ofFiles(
      String certificateOption, Path certificate, String keyOption, Path key) {
    return new ServerCertificate(
        DataOrFile.file(certificateOption, certificate), DataOrFile.file(keyOption, key));
  }

  /** One for {@code localhost} that is made now and kept in memory. */
  public static ServerCertificate selfSigned(SecureRandom random, Instant now) {
    KeyPair authorityKeys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    DistinguishedName subject = DistinguishedName.of(List.of(), "countersign-approver");
    Certificate certificate =
        CertificateAuthority.create(
                CertificateProfile.authority(subject, SELF_SIGNED_VALIDITY),
                authorityKeys,
                random,
                now)
            .issue(
                CertificateProfile.server(
                    subject, List.of(new SubjectAltName.Dns("localhost")), SELF_SIGNED_VALIDITY),
                keys.publicKey(),
                random,
                now);
    return new ServerCertificate(
        DataOrFile.inline("self-signed certificate", certificate.toPem()),
        DataOrFile.inline(
            "its key",
            keys.privateKeyPem(PrivateKeyFormat.PKCS8)
                .reveal(SecretAccess.because("the key of a TLS server in this process"))));
  }

  /** What is wrong with the files, also where what they held before stays in use. */
  public Optional<String> problem() {
    return identity.problem();
  }

  /**
   * The server's end of TLS on a connection; the handshake happens as it is used.
   *
   * @throws IOException when there is no certificate to show
   */
  public SSLSocket secure(Socket accepted) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            identity
                .socketFactory()
                .createSocket(
                    accepted, accepted.getInetAddress().getHostAddress(), accepted.getPort(), true);
    socket.setUseClientMode(false);
    return socket;
  }
}
