package dev.countersign.approver.lookup;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.UnverifiedServer;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.ServedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/**
 * Dials kubelets and looks at the certificate they show. Nothing is sent after the handshake, and
 * no certificate of ours is offered. Thread-safe.
 *
 * <p>An address comes from a Node's status, so a hostile kubelet can have us begin a TLS handshake
 * with whomever it likes; it learns nothing from that, and the number of addresses is bounded. The
 * port does not: at a port of its choice, such as a NodePort, a program of the attacker's can
 * answer at every node's address.
 */
public final class KubeletCertificateProbe {
  /** Verifies a chain; throws where it does not lead to an authority of kubelets. */
  @FunctionalInterface
  public interface ChainVerifier {
    /** Throws an {@link IOException} that says why a chain does not verify. */
    void verify(X509Certificate[] chain) throws IOException;

    /**
     * Kubelets' certificates come from the authority that the API server's certificate comes from.
     */
    static ChainVerifier of(ServerEndpoint server) {
      return server instanceof ClientCredentials credentials
          ? credentials::verifyChain
          : chain -> {
            throw new IOException("no certificate authority of the cluster is known");
          };
    }
  }

  private static final int MOST_ADDRESSES = 4;

  private final KubeletAuthorities authorities;
  private final Duration timeout;

  /**
   * A dialer.
   *
   * @param timeout for all addresses of one lookup together
   */
  public KubeletCertificateProbe(KubeletAuthorities authorities, Duration timeout) {
    this.authorities = authorities;
    this.timeout = timeout;
  }

  /**
   * The certificate that a Node serves at an address of its request; without any in there, at one
   * of its own. Contested addresses are dialed first, because an answer there settles them.
   *
   * @param claims what the request asks for
   * @param facts the holders of these and the Node, as far as they are known
   * @param authority whose signature counts; unknown authorities make the certificate unknown
   */
  public Fact<Optional<ServedCertificate>> look(
      NodeName node, Set<NameOrAddress> claims, Facts facts, int port, KubeletAuthority authority) {
    return authorities
        .verifier(authority)
        .then(verifier -> look(node, ServedCertificate.places(claims, facts), port, verifier));
  }

  /**
   * The certificate of that Node which answers at the first of these addresses that has one; empty
   * where nothing answers that can be verified and is that Node's. The other end of a handshake
   * proves that it has the key.
   *
   * @param addresses those that matter most first; only a few are dialed
   */
  Fact<Optional<ServedCertificate>> look(
      NodeName node, List<IpAddress> addresses, int port, ChainVerifier verifier) {
    List<IpAddress> dialed = addresses.stream().limit(MOST_ADDRESSES).toList();
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    try {
      List<Future<Optional<ServedCertificate>>> looks = new ArrayList<>();
      for (IpAddress address : dialed) {
        looks.add(executor.submit(() -> dial(node, address, port, verifier)));
      }
      long until = System.nanoTime() + timeout.toNanos();
      for (Future<Optional<ServedCertificate>> look : looks) {
        Optional<ServedCertificate> found = result(look, until);
        if (found.isPresent()) {
          return Fact.known(found);
        }
      }
      return Fact.known(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Fact.unknown("interrupted while the kubelet was dialed");
    } finally {
      executor.shutdownNow();
    }
  }

  private static Optional<ServedCertificate> result(
      Future<Optional<ServedCertificate>> look, long until) throws InterruptedException {
    try {
      return look.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Nobody there, or nobody we believe.
      return Optional.empty();
    }
  }

  private Optional<ServedCertificate> dial(
      NodeName node, IpAddress address, int port, ChainVerifier verifier)
      throws IOException, GeneralSecurityException {
    int millis = (int) Math.max(1, timeout.toMillis());
    try (Socket raw = new Socket()) {
      raw.connect(new InetSocketAddress(InetAddress.getByName(address.toString()), port), millis);
      raw.setSoTimeout(millis);
      SSLContext context = SSLContext.getInstance("TLS");
      // Lets the handshake end, so that the chain can be verified without regard to a host name.
      context.init(null, new TrustManager[] {new UnverifiedServer()}, null);
      try (SSLSocket secured =
          (SSLSocket)
              context.getSocketFactory().createSocket(raw, address.toString(), port, true)) {
        secured.startHandshake();
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate shown : secured.getSession().getPeerCertificates()) {
          if (shown instanceof X509Certificate certificate) {
            chain.add(certificate);
          }
        }
        if (chain.isEmpty()) {
          return Optional.empty();
        }
        verifier.verify(chain.toArray(X509Certificate[]::new));
        return ServedCertificate.of(
            node, address, dev.countersign.x509.certificate.Certificate.of(chain.getFirst()));
      }
    }
  }
}
