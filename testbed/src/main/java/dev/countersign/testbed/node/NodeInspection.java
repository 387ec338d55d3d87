package dev.countersign.testbed.node;

import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.TlsProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Looks at a node from outside: dials its port, and asks the API server to reach it. */
public final class NodeInspection {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ApiConnection operator;

  public NodeInspection(ApiConnection operator) {
    this.operator = operator;
  }

  /**
   * The certificate that is served. The handshake fails where it does not chain up to the cluster's
   * authority, is expired, or does not hold the address that was dialled.
   */
  public X509Certificate served(InetAddress address, int port) throws IOException {
    return TlsProbe.verify(address, port, operator.config().authorities(), PATIENCE);
  }

  /** Looks at one node. */
  public NodeReport report(String name, String kind, InetAddress address, int port, boolean rotated)
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
