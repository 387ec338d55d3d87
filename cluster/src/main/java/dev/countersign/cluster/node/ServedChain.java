package dev.countersign.cluster.node;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.certificate.Certificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** What an address answers a TLS handshake with. */
public sealed interface ServedChain {
  /** It showed these certificates, its own first. Nothing about them is checked. */
  record Shown(List<Certificate> chain) implements ServedChain {
    public Shown {
      chain = List.copyOf(chain);
    }
  }

  /** There was no certificate to see. */
  record None(String why) implements ServedChain {}

  /**
   * Dials and looks; nothing is sent after the handshake.
   *
   * @param limit for the connection, and again for the handshake
   */
  static ServedChain dial(String host, int port, Duration limit) {
    Collector collector = new Collector();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {collector}, null);
      try (Socket plain = new Socket()) {
        plain.connect(new InetSocketAddress(host, port), (int) limit.toMillis());
        plain.setSoTimeout((int) limit.toMillis());
        try (SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
          socket.startHandshake();
        }
      }
    } catch (IOException e) {
      // a kubelet that insists on a client certificate shows its own first
      if (collector.seen.isEmpty()) {
        return new None(
            host + ":" + port + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
    List<Certificate> chain = new ArrayList<>();
    for (X509Certificate certificate : collector.seen) {
      try {
        switch (Certificate.parseDer(Bytes.copyOf(certificate.getEncoded()))) {
          case ParseResult.Parsed<Certificate>(Certificate read) -> chain.add(read);
          case ParseResult.Refused<Certificate> unreadable -> {
            return new None(host + ":" + port + ": " + unreadable.message());
          }
        }
      } catch (CertificateEncodingException e) {
        return new None(host + ":" + port + ": shows a certificate that cannot be read");
      }
    }
    return chain.isEmpty() ? new None(host + ":" + port + ": shows none") : new Shown(chain);
  }

  /** Trusts everybody, to see what they show; used for looking and for nothing else. */
  final class Collector implements X509TrustManager {
    private List<X509Certificate> seen = List.of();

    private Collector() {}

    @Override
    public void checkClientTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {
      throw new UnsupportedOperationException("this is a client");
    }

    @Override
    public void checkServerTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {
      seen = chain == null ? List.of() : List.of(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
