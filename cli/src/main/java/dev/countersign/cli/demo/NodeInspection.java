package dev.countersign.cli.demo;

import dev.countersign.controlplane.api.ApiConnection;
import dev.countersign.controlplane.api.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/** Looks at a node from outside: dials its port, and asks the API server to reach it. */
final class NodeInspection {
  private static final int PATIENCE_MILLIS = 5_000;

  private final ApiConnection operator;

  NodeInspection(ApiConnection operator) {
    this.operator = operator;
  }

  /**
   * The certificate that is served. The handshake fails where it does not chain up to the cluster's
   * authority, is expired, or does not hold the address that was dialled.
   */
  X509Certificate served(InetAddress address, int port) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            Tls.context(operator.config().authorities(), Optional::empty)
                .getSocketFactory()
                .createSocket()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      throw new IOException(address.getHostAddress() + ": got no certificate; want one", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("every Java platform has TLS with X.509", e);
    }
  }

  /** Looks at one node. */
  NodeReport report(String name, String kind, InetAddress address, int port, boolean rotated)
      throws IOException, InterruptedException {
    X509Certificate certificate = served(address, port);
    HttpResponse<String> answer = operator.text("/api/v1/nodes/" + name + "/proxy/healthz");
    return new NodeReport(
        name,
        kind,
        address.getHostAddress(),
        names(certificate),
        Duration.between(Instant.now(), certificate.getNotAfter().toInstant()),
        rotated,
        answer.statusCode() == 200 ? answer.body().strip() : "HTTP " + answer.statusCode());
  }

  private static List<String> names(X509Certificate certificate) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          names.add(String.valueOf(alternative.get(1)));
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("a served certificate's names can't be read", e);
    }
    return names;
  }
}
