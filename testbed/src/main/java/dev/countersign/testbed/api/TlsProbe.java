package dev.countersign.testbed.api;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Looks at a TLS server from outside, as any client would. */
public final class TlsProbe {
  private TlsProbe() {}

  /**
   * Connects, verifies, and returns the server's certificate.
   *
   * @throws IOException when nothing listens, the chain does not end at an authority given, the
   *     certificate is not for this address, or it is not valid now
   */
  public static X509Certificate verify(
      InetAddress address, int port, List<X509Certificate> authorities, Duration limit)
      throws IOException {
    int millis = Math.toIntExact(limit.toMillis());
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(address, port), millis);
      plain.setSoTimeout(millis);
      SSLContext context = Tls.context(authorities, Optional::empty);
      try (SSLSocket socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(plain, address.getHostAddress(), port, true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("every Java platform has TLS with X.509", e);
    }
  }
}
