package dev.countersign.kube.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one server and keeps connections for the next ones. Thread-safe; a call blocks
 * its thread.
 */
public final class HttpTransport implements AutoCloseable {
  /**
   * Less than what load balancers allow, and than the 32 s of an API server for a first request.
   */
  private static final Duration REUSE_WITHIN = Duration.ofSeconds(30);

  private final ServerEndpoint endpoint;
  private final String userAgent;
  private final Dialer dialer;
  private final long reuseWithin;
  private final LongSupplier nanoTime;
  private final ConcurrentLinkedDeque<HttpConnection> idle = new ConcurrentLinkedDeque<>();
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
  private final Deadlines deadlines = new Deadlines(open);
  private volatile boolean closed;
  private volatile @Nullable X509Certificate serverCertificate;

  /** A transport to {@code endpoint}; nothing is connected yet. */
  public HttpTransport(ServerEndpoint endpoint, String userAgent, Duration connectTimeout) {
    this(endpoint, userAgent, connectTimeout, REUSE_WITHIN, System::nanoTime);
  }

  /**
   * As the other.
   *
   * @param reuseWithin how long a connection may have been idle to be used again
   * @param nanoTime as {@link System#nanoTime}, for how long connections are idle
   */
  HttpTransport(
      ServerEndpoint endpoint,
      String userAgent,
      Duration connectTimeout,
      Duration reuseWithin,
      LongSupplier nanoTime) {
    this.endpoint = endpoint;
    this.userAgent = userAgent;
    this.dialer = endpoint.dialer(connectTimeout);
    this.reuseWithin = reuseWithin.toNanos();
    this.nanoTime = nanoTime;
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
        if (kept.answered()) {
          throw e;
        }
        // Whatever ended this one has ended those that were kept with it.
        dropIdle();
        if (!request.repeatable() || e instanceof SocketTimeoutException || closed) {
          throw e;
        }
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
   * Opens one connection, which one of the next requests finds instead of having to open it.
   *
   * @throws IOException when there is none to be had
   */
  public void connectAhead() throws IOException {
    giveBack(connect());
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
    endpoint
        .headers()
        .forEach(
            (name, values) ->
                values.forEach(
                    value -> head.append(name).append(": ").append(value).append("\r\n")));
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
      if (isFresh(c)) {
        return c;
      }
      c.discard();
    }
    return null;
  }

  private boolean isFresh(HttpConnection connection) {
    return connection.isUsable() && connection.idleNanos() < reuseWithin;
  }

  /** How many connections are kept for later. */
  int idle() {
    return idle.size();
  }

  /** Closes connections that have been idle for too long to be used again. */
  public void closeUnused() {
    // The latest to be given back is the first to be used: those that nobody wants are at the end.
    for (HttpConnection c = idle.peekLast(); c != null && !isFresh(c); c = idle.peekLast()) {
      if (idle.removeLastOccurrence(c)) {
        c.discard();
      }
    }
  }

  private HttpConnection connect() throws IOException {
    if (closed) {
      throw new IOException("this client is closed");
    }
    Dialer.Dialed dialed = dialer.dial();
    boolean done = false;
    try {
      dialed.certificate().ifPresent(shown -> serverCertificate = shown);
      HttpConnection connection = new HttpConnection(this, dialed.raw(), dialed.secured());
      adopt(connection);
      if (closed) {
        connection.discard();
        throw new IOException("this client is closed");
      }
      done = true;
      return connection;
    } finally {
      if (!done) {
        dialed.raw().close();
      }
    }
  }

  /** The certificate that the server showed on the latest connection, verified. */
  public Optional<X509Certificate> serverCertificate() {
    return Optional.ofNullable(serverCertificate);
  }

  /** Looks after a connection from now on. */
  void adopt(HttpConnection connection) {
    open.add(connection);
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  Deadlines deadlines() {
    return deadlines;
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
   * whoever reads them opens them again. So may connections that are kept for later: each of them
   * would cost as much time again.
   */
  void timedOut(long nanos) {
    dropIdle();
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
    deadlines.close();
  }
}
