package dev.countersign.kube.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Sends requests to one server by Apache HttpClient and keeps connections for the next ones.
 * Thread-safe; a call blocks its thread.
 */
public final class HttpTransport implements AutoCloseable {
  /**
   * Less than what load balancers allow, and than the 32 s of an API server for a first request.
   */
  private static final Duration REUSE_WITHIN = Duration.ofSeconds(30);

  private static final Http1Config HEADS =
      Http1Config.custom().setMaxLineLength(64 * 1024).setMaxHeaderCount(200).build();

  private static final URI NO_URI = URI.create("/");

  private final ServerEndpoint endpoint;
  private final String userAgent;
  private final HttpHost host;
  private final TimeValue reuseWithin;
  private final ServerConnector connector;
  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final Set<Exchange> streams = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor deadlines =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("deadlines").factory());
  private volatile boolean closed;

  /** A transport to {@code endpoint}; nothing is connected yet. */
  public HttpTransport(ServerEndpoint endpoint, String userAgent, Duration connectTimeout) {
    this(endpoint, userAgent, connectTimeout, REUSE_WITHIN);
  }

  /**
   * As the other.
   *
   * @param reuseWithin how long a connection may have been idle to be used again
   */
  HttpTransport(
      ServerEndpoint endpoint, String userAgent, Duration connectTimeout, Duration reuseWithin) {
    this.endpoint = endpoint;
    this.userAgent = userAgent;
    this.host = new HttpHost(endpoint.plain() ? "http" : "https", endpoint.host(), endpoint.port());
    this.reuseWithin = TimeValue.of(reuseWithin);
    this.connector = new ServerConnector(endpoint, connectTimeout);
    this.connections =
        new PoolingHttpClientConnectionManager(
            connector,
            PoolConcurrencyPolicy.STRICT,
            PoolReusePolicy.LIFO,
            TimeValue.NEG_ONE_MILLISECOND,
            ManagedHttpClientConnectionFactory.builder().http1Config(HEADS).build());
    // Whoever sends requests bounds how many there are at a time.
    connections.setMaxTotal(Integer.MAX_VALUE);
    connections.setDefaultMaxPerRoute(Integer.MAX_VALUE);
    connections.setDefaultConnectionConfig(
        ConnectionConfig.custom().setIdleTimeout(Timeout.of(reuseWithin)).build());
    this.client = HttpClients.createMinimal(connections);
    deadlines.setRemoveOnCancelPolicy(true);
    deadlines.setKeepAliveTime(10, TimeUnit.SECONDS);
    deadlines.allowCoreThreadTimeOut(true);
  }

  /**
   * Sends a request and returns once the head of the response is there. A request that is harmless
   * to repeat and got no response over a kept connection is sent once more over a new one: the
   * server may have closed the kept one in the meantime.
   *
   * @throws IOException when there is no response
   */
  public HttpResponse send(HttpRequest request) throws IOException {
    Exchange first = exchange(request);
    try {
      return first.send();
    } catch (IOException e) {
      if (!first.usedKeptConnection()) {
        throw e;
      }
      // Whatever ended this one has ended those that were kept with it.
      dropIdle();
      if (!request.repeatable() || e instanceof SocketTimeoutException || closed) {
        throw e;
      }
    }
    return exchange(request).send();
  }

  private Exchange exchange(HttpRequest request) throws IOException {
    if (closed) {
      throw new IOException("this client is closed");
    }
    return new Exchange(this, message(request), request.deadline());
  }

  private HttpUriRequestBase message(HttpRequest request) throws IOException {
    HttpUriRequestBase message = new HttpUriRequestBase(request.method().name(), NO_URI);
    message.setPath(endpoint.basePath() + request.target());
    message.addHeader("User-Agent", userAgent);
    add(message, request.headers());
    add(message, endpoint.headers());
    endpoint.token().ifPresent(token -> message.addHeader("Authorization", token.headerValue()));
    request.body().ifPresent(message::setEntity);
    message.setConfig(
        RequestConfig.custom().setResponseTimeout(Timeout.of(request.readTimeout())).build());
    return message;
  }

  private static void add(HttpUriRequestBase message, Map<String, List<String>> headers) {
    headers.forEach((name, values) -> values.forEach(value -> message.addHeader(name, value)));
  }

  /** Returns once the head of the response is there. */
  ClassicHttpResponse execute(HttpUriRequestBase message, HttpClientContext context)
      throws IOException {
    try {
      return client.executeOpen(host, message, context);
    } catch (IllegalStateException e) {
      throw new IOException("this client is closed", e);
    }
  }

  /** Runs a task in so many nanoseconds, unless this is closed by then. */
  Future<?> later(Runnable task, long nanos) {
    try {
      return deadlines.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The connections were closed before, so nobody waits for anything.
      return CompletableFuture.completedFuture(null);
    }
  }

  /** The responses that stream now. */
  Set<Exchange> streams() {
    return streams;
  }

  /**
   * Says that the server did not accept who we are: the token is read again, and kept connections,
   * which may carry an old client certificate, are closed.
   */
  public void identityRefused() {
    endpoint.identityRefused();
    dropIdle();
  }

  /** How many connections are kept for later. */
  int idle() {
    return connections.getTotalStats().getAvailable();
  }

  /** Closes connections that have been idle for too long to be used again. */
  public void closeUnused() {
    connections.closeIdle(reuseWithin);
  }

  /** The certificate that the server showed on the latest connection, verified. */
  public Optional<X509Certificate> serverCertificate() {
    return connector.serverCertificate();
  }

  /**
   * A response did not come for so long. Streams on which nothing came in that time either may be
   * on the same dead path, where their own silence would be noticed much later: they are cut, and
   * whoever reads them opens them again. So may connections that are kept for later: each of them
   * would cost as much time again.
   */
  void timedOut(long nanos) {
    dropIdle();
    for (Exchange stream : streams) {
      if (stream.isSilentFor(nanos)) {
        stream.cut();
      }
    }
  }

  private void dropIdle() {
    connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
  }

  /** Cuts every connection, also those in use. */
  @Override
  public void close() {
    closed = true;
    client.close(CloseMode.IMMEDIATE);
    deadlines.shutdownNow();
  }
}
