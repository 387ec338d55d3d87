package dev.countersign.kube.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Opens connections to one server, up to the end of the TLS handshake. Thread-safe. */
final class TlsDialer implements Dialer {
  /** The groups of NIST (RFC 8446, section 4.2.7), which AWS-LC computes; the rest the JDK does. */
  private static final String[] NIST_GROUPS = {"secp256r1", "secp384r1", "secp521r1"};

  /** Opens what TLS runs over. */
  private interface Connector {
    Socket connect() throws IOException;
  }

  private final ServerEndpoint endpoint;
  private final Duration timeout;
  private final BooleanSupplier awsLc;
  private volatile boolean wantsOtherGroups;

  /**
   * One for {@code endpoint}; nothing is connected yet.
   *
   * @param timeout for the connection, then for each answer in the handshake
   * @param awsLc whether AWS-LC does the cryptography
   */
  TlsDialer(ServerEndpoint endpoint, Duration timeout, BooleanSupplier awsLc) {
    this.endpoint = endpoint;
    this.timeout = timeout;
    this.awsLc = awsLc;
  }

  /**
   * Goes through the proxy where there is one, else tries the server's addresses in turn.
   *
   * @throws IOException what the last of them had to say
   */
  @Override
  public Dialed dial() throws IOException {
    Optional<ProxyTunnel> proxy = endpoint.proxy();
    if (proxy.isPresent()) {
      return dial(() -> proxy.get().open(endpoint, timeout));
    }
    IOException last = new IOException("no address to connect to");
    for (InetAddress address : TcpConnector.resolve(endpoint.host())) {
      try {
        return dial(() -> TcpConnector.connect(address, endpoint.port(), timeout));
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private Dialed dial(Connector connector) throws IOException {
    boolean nistOnly = awsLc.getAsBoolean() && !wantsOtherGroups;
    try {
      return dial(connector, nistOnly);
    } catch (SSLException e) {
      if (!nistOnly || e.getCause() instanceof CertificateException) {
        throw e;
      }
      Dialed dialed = dial(connector, false);
      // An alert has no cause. A server that hung up has not said what it wants.
      wantsOtherGroups = e.getCause() == null;
      return dialed;
    }
  }

  private Dialed dial(Connector connector, boolean nistOnly) throws IOException {
    Socket raw = connector.connect();
    boolean done = false;
    try {
      String name = endpoint.certificateName();
      SSLSocket secured =
          (SSLSocket) endpoint.socketFactory().createSocket(raw, name, endpoint.port(), true);
      secured.setSSLParameters(parameters(secured.getSSLParameters(), name, nistOnly));
      secured.startHandshake();
      // From here on Deadlines looks after it.
      raw.setSoTimeout(0);
      Optional<X509Certificate> shown =
          secured.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
              ? Optional.of(certificate)
              : Optional.empty();
      done = true;
      return new Dialed(raw, secured, shown);
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  private SSLParameters parameters(SSLParameters parameters, String name, boolean nistOnly) {
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    if (!awsLc.getAsBoolean()) {
      parameters.setCipherSuites(chachaFirst(parameters.getCipherSuites()));
    }
    if (nistOnly) {
      parameters.setNamedGroups(NIST_GROUPS);
    }
    if (!TcpConnector.isAddress(name)) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    return parameters;
  }

  /**
   * Prefers ChaCha20 to AES: without the optimising compiler, which does not pay in a process that
   * mostly waits, Java's AES-GCM takes four times as long (docs/adr/0011).
   */
  private static String[] chachaFirst(String[] suites) {
    return Stream.concat(
            Stream.of(suites).filter(suite -> suite.contains("CHACHA20")),
            Stream.of(suites).filter(suite -> !suite.contains("CHACHA20")))
        .toArray(String[]::new);
  }
}
