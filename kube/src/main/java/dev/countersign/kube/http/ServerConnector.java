package dev.countersign.kube.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Opens HttpClient's connections to one server: directly or through its proxy, up to the end of the
 * TLS handshake. HttpClient sees a direct route to a server, so that the kubeconfig alone decides
 * about proxies, names and certificates. Thread-safe.
 */
final class ServerConnector implements HttpClientConnectionOperator {
  private final ServerEndpoint endpoint;
  private final Duration timeout;
  private volatile @Nullable X509Certificate serverCertificate;

  /**
   * One for {@code endpoint}; nothing is connected yet.
   *
   * @param timeout for the connection, then for each answer of a proxy and in the TLS handshake
   */
  ServerConnector(ServerEndpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
  }

  /** Returns the certificate that the server showed on the latest connection, verified. */
  Optional<X509Certificate> serverCertificate() {
    return Optional.ofNullable(serverCertificate);
  }

  @Override
  public void connect(
      ManagedHttpClientConnection connection,
      HttpHost host,
      @Nullable InetSocketAddress localAddress,
      @Nullable TimeValue connectTimeout,
      SocketConfig config,
      HttpContext context)
      throws IOException {
    Optional<ProxyTunnel> proxy = endpoint.proxy();
    Socket raw =
        proxy.isPresent()
            ? proxy.get().open(endpoint, timeout)
            : TcpConnector.connect(endpoint.host(), endpoint.port(), timeout);
    boolean done = false;
    try {
      if (endpoint.plain()) {
        raw.setSoTimeout(0);
        connection.bind(raw);
      } else {
        SSLSocket secured = handshake(raw);
        raw.setSoTimeout(0);
        connection.bind(secured, raw);
      }
      done = true;
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  private SSLSocket handshake(Socket raw) throws IOException {
    String name = endpoint.certificateName();
    SSLSocket secured =
        (SSLSocket) endpoint.socketFactory().createSocket(raw, name, endpoint.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    if (!TcpConnector.isAddress(name)) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    if (secured.getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
      serverCertificate = shown;
    }
    return secured;
  }

  /** Does nothing: {@link #connect} has done it. */
  @Override
  public void upgrade(ManagedHttpClientConnection connection, HttpHost host, HttpContext context) {}
}
