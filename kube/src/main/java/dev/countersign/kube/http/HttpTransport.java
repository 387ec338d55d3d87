package dev.countersign.kube.http;

import dev.countersign.x509.key.AwsLc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one server and keeps connections for the next ones. Thread-safe; a call blocks
 * its (virtual) thread.
 */
public final class HttpTransport implements AutoCloseable {
  private static final Duration REUSE_WITHIN = Duration.ofSeconds(30);
  private static final int KEEPALIVE_AFTER_SECONDS = 10;
  private static final int KEEPALIVE_EVERY_SECONDS = 3;
  private static final int KEEPALIVE_PROBES = 3;
  private static final Pattern IP_LITERAL =
      Pattern.compile("[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*");

  private final ServerEndpoint endpoint;
  private final String userAgent;
  private final Duration connectTimeout;
  private final ConcurrentLinkedDeque<HttpConnection> idle = new ConcurrentLinkedDeque<>();
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private volatile @Nullable X509Certificate serverCertificate;

  /** A transport to {@code endpoint}; nothing is connected yet. */
  public HttpTransport(ServerEndpoint endpoint, String userAgent, Duration connectTimeout) {
    this.endpoint = endpoint;
    this.userAgent = userAgent;
    this.connectTimeout = connectTimeout;
  }

  /**
   * Sends a request and returns once the head of the answer is there. A request that is harmless to
   * repeat and got no answer over a kept connection is sent once more over a new one: the server
   * may have closed the kept one in the meantime.
   *
   * @throws IOException when there is no answer
   */
  public HttpResponse send(HttpRequest request) throws IOException {
    byte[] message = serialize(request);
    HttpConnection kept = takeIdle();
    if (kept != null) {
      try {
        return kept.exchange(request, message);
      } catch (IOException e) {
        kept.discard();
        if (kept.answered()
            || !request.repeatable()
            || e instanceof SocketTimeoutException
            || closed) {
          throw e;
        }
        dropIdle();
      }
    }
    HttpConnection fresh = connect();
    try {
      return fresh.exchange(request, message);
    } catch (IOException e) {
      fresh.discard();
      throw e;
    }
  }

  /**
   * Says that the server did not accept who we are: the token is read again, and kept connections,
   * which may carry an old client certificate, are closed.
   */
  public void identityRefused() {
    endpoint.identityRefused();
    dropIdle();
  }

  private byte[] serialize(HttpRequest request) throws IOException {
    StringBuilder head = new StringBuilder(512);
    head.append(request.method()).append(' ');
    head.append(endpoint.basePath()).append(request.target()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(hostHeader()).append("\r\n");
    head.append("User-Agent: ").append(userAgent).append("\r\n");
    head.append("Accept: ").append(request.accept()).append("\r\n");
    head.append(request.moreHeaders());
    Optional<BearerToken> token = endpoint.token();
    if (token.isPresent()) {
      head.append("Authorization: ").append(token.get().headerValue()).append("\r\n");
    }
    byte[] body = request.body();
    if (request.contentType().isPresent()) {
      head.append("Content-Type: ").append(request.contentType().get()).append("\r\n");
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    ByteArrayOutputStream message = new ByteArrayOutputStream(head.length() + body.length);
    message.write(head.toString().getBytes(StandardCharsets.US_ASCII));
    message.write(body);
    return message.toByteArray();
  }

  private String hostHeader() {
    String host = endpoint.host();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + endpoint.port();
  }

  private @Nullable HttpConnection takeIdle() {
    for (HttpConnection c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
      if (c.idleNanos() < REUSE_WITHIN.toNanos()) {
        return c;
      }
      c.discard();
    }
    return null;
  }

  private HttpConnection connect() throws IOException {
    if (closed) {
      throw new IOException("this client is closed");
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(endpoint.host());
    } catch (UnknownHostException e) {
      throw new IOException("the name " + endpoint.host() + " has no address", e);
    }
    IOException last = new IOException("no address to connect to");
    for (InetAddress address : addresses) {
      try {
        return connect(address);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private HttpConnection connect(InetAddress address) throws IOException {
    Socket raw = new Socket();
    boolean done = false;
    try {
      raw.setTcpNoDelay(true);
      probeWhenSilent(raw);
      int millis = (int) connectTimeout.toMillis();
      raw.connect(new InetSocketAddress(address, endpoint.port()), millis);
      raw.setSoTimeout(millis);
      String name = endpoint.certificateName();
      SSLSocket secured =
          (SSLSocket) endpoint.socketFactory().createSocket(raw, name, endpoint.port(), true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {"http/1.1"});
      if (!AwsLc.preferred()) {
        parameters.setCipherSuites(chachaFirst(parameters.getCipherSuites()));
      }
      if (!IP_LITERAL.matcher(name).matches()) {
        parameters.setServerNames(List.of(new SNIHostName(name)));
      }
      secured.setSSLParameters(parameters);
      secured.startHandshake();
      if (secured.getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
        serverCertificate = shown;
      }
      HttpConnection connection = new HttpConnection(this, raw, secured);
      open.add(connection);
      if (closed) {
        connection.discard();
        throw new IOException("this client is closed");
      }
      done = true;
      return connection;
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  /** A peer that is gone without a word is noticed in about 20 seconds instead of two hours. */
  private static void probeWhenSilent(Socket socket) throws IOException {
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    Set<SocketOption<?>> supported = socket.supportedOptions();
    if (supported.contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_AFTER_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_EVERY_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
    }
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

  /** The certificate that the server showed on the latest connection, verified. */
  public Optional<X509Certificate> serverCertificate() {
    return Optional.ofNullable(serverCertificate);
  }

  void giveBack(HttpConnection connection) {
    if (closed) {
      connection.discard();
    } else {
      idle.addFirst(connection);
    }
  }

  void forget(HttpConnection connection) {
    open.remove(connection);
  }

  /**
   * An answer did not come for so long. Streams on which nothing came in that time either may be on
   * the same dead path, where their own silence would be noticed much later: they are cut, and
   * whoever reads them opens them again.
   */
  void timedOut(long nanos) {
    for (HttpConnection connection : open) {
      if (connection.isStreamSilentFor(nanos)) {
        connection.discard();
      }
    }
  }

  private void dropIdle() {
    for (HttpConnection c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
      c.discard();
    }
  }

  /** Cuts every connection, also those in use. */
  @Override
  public void close() {
    closed = true;
    dropIdle();
    open.forEach(HttpConnection::discard);
  }
}
