package dev.countersign.kube;

import dev.countersign.kube.ObjectDecoder.ListPage;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.http.HttpRequest.Method;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Talks to one API server. Thread-safe; every call blocks its thread. No call throws for what a
 * server or a network does: see {@link ApiResult}.
 */
public final class ApiClient implements AutoCloseable {
  /** Asks for whole objects. */
  public static final String JSON = "application/json";

  /** Asks for whole objects in the form that costs a server least. */
  public static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  /** Asks for metadata only where the server can. */
  public static final String METADATA_ONLY =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

  /** Asks for as little as the server can send, for an answer that is not read. */
  private static final String LEAST =
      PROTOBUF + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1," + METADATA_ONLY;

  /** RFC 7386 merge patches. */
  public static final String MERGE_PATCH = "application/merge-patch+json";

  static final String NOT_AN_OBJECT =
      "the answer is not an object of Kubernetes; is this an API server?";

  private static final int ERROR_BODY_LIMIT = 64 * 1024;

  private final HttpTransport transport;
  private final ServerEndpoint endpoint;
  private final ApiClientOptions options;
  private final ApiObserver observer;
  private final ConnectionFaults faults;

  /** A client; connections are made when they are needed. */
  public ApiClient(ServerEndpoint endpoint, ApiClientOptions options, ApiObserver observer) {
    this.endpoint = endpoint;
    this.options = options;
    this.observer = observer;
    this.faults = new ConnectionFaults(endpoint);
    this.transport = new HttpTransport(endpoint, options.userAgent(), options.connectTimeout());
  }

  /** Reads one object. */
  public <T> ApiResult<T> get(String target, JsonDecoder<T> decoder) {
    return get(target, ObjectDecoder.ofJson(decoder));
  }

  /** Reads one object, in the form that suits its decoder best. */
  public <T> ApiResult<T> get(String target, ObjectDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.GET, target, decoder.accept(), options.requestTimeout()), decoder);
  }

  /** Creates an object; the server's answer is decoded. */
  public <T> ApiResult<T> create(String target, byte[] body, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.POST, target, JSON, options.requestTimeout()).withBody(JSON, body),
        decoder);
  }

  /**
   * Posts a review (SubjectAccessReview and the like): nothing is stored, so it may be repeated.
   *
   * @param object in protobuf, in its envelope
   */
  public <T> ApiResult<T> review(String target, byte[] object, ObjectDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.POST, target, decoder.accept(), options.requestTimeout())
            .withBody(PROTOBUF, object)
            .asRepeatable(),
        decoder);
  }

  /**
   * Replaces an object or a subresource. Safe to repeat only with a resource version in the body.
   *
   * @param accept {@link #JSON} or {@link #METADATA_ONLY}
   */
  public <T> ApiResult<T> put(String target, byte[] body, String accept, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.PUT, target, accept, options.requestTimeout()).withBody(JSON, body),
        decoder);
  }

  /**
   * Replaces an object or a subresource where the answer's object does not matter.
   *
   * @param object in protobuf, in its envelope
   */
  public ApiResult<Boolean> put(String target, byte[] object) {
    HttpRequest request =
        HttpRequest.of(Method.PUT, target, LEAST, options.requestTimeout())
            .withBody(PROTOBUF, object);
    return answered(
        request,
        response -> {
          String type = contentType(response);
          if (!type.startsWith(PROTOBUF) && !type.startsWith(JSON)) {
            throw new IOException(NOT_AN_OBJECT);
          }
          drain(response);
          return Boolean.TRUE;
        });
  }

  /** Patches an object. */
  public <T> ApiResult<T> patch(
      String target, String patchType, byte[] body, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.PATCH, target, JSON, options.requestTimeout())
            .withBody(patchType, body),
        decoder);
  }

  /** Deletes an object. */
  public ApiResult<Boolean> delete(String target) {
    return exchange(
        HttpRequest.of(Method.DELETE, target, JSON, options.requestTimeout()),
        JsonReading::skipped);
  }

  /**
   * Reads all objects of a collection page by page and hands each to {@code sink} as soon as it is
   * read. An {@link ApiResult.Refused} or {@link ApiResult.Unreachable} can come after some objects
   * were handed out; so can a 410 ({@link StatusReason#EXPIRED}), which means: start again.
   *
   * @return the resource version the list stands for, to watch from
   */
  public <T> ApiResult<String> list(
      ListOptions query, ObjectDecoder<T> items, Consumer<? super T> sink) {
    String next = "";
    while (true) {
      String target =
          query
              .selection()
              .with("limit", Integer.toString(query.pageSize()))
              .with("continue", next)
              .target();
      ApiResult<ListPage> page =
          answered(
              HttpRequest.of(Method.GET, target, items.accept(), options.listTimeout()),
              items,
              body -> items.page(body, sink));
      if (!(page instanceof ApiResult.Done<ListPage>(ListPage(_, String token)))
          || token.isEmpty()) {
        return page.map(ListPage::resourceVersion);
      }
      next = token;
    }
  }

  /**
   * The version the collection is at now, without its objects.
   *
   * <p>Lower than a version seen before when the server's storage was set back to a backup.
   */
  public ApiResult<String> latestVersion(ListOptions query) {
    String target = query.selection().with("limit", "1").target();
    ObjectDecoder<Boolean> nothing = ObjectDecoder.ofJson(JsonReading::skipped);
    ApiResult<ListPage> page =
        answered(
            HttpRequest.of(Method.GET, target, JSON, options.requestTimeout()),
            nothing,
            body -> nothing.page(body, ignored -> {}));
    return page.map(ListPage::resourceVersion);
  }

  /**
   * Opens a watch. The answer's body is a stream of watch events, each at least {@code idle} after
   * the one before. The caller closes it.
   */
  public <T> ApiResult<WatchStream<T>> watch(
      ListOptions query,
      ObjectDecoder<T> decoder,
      String resourceVersion,
      Duration serverTimeout,
      Duration idle) {
    String target =
        query
            .selection()
            .with("watch", "true")
            .with("allowWatchBookmarks", "true")
            .with("resourceVersion", resourceVersion)
            .with("timeoutSeconds", Long.toString(serverTimeout.toSeconds()))
            .target();
    HttpRequest request =
        HttpRequest.of(Method.GET, target, decoder.accept(), options.requestTimeout())
            .streaming(idle);
    try {
      HttpResponse response = open(request);
      if (response.status() == 200) {
        requireReadable(response, decoder);
        return new ApiResult.Done<>(new WatchStream<>(response, decoder.events(response.body())));
      }
      try (response) {
        return new ApiResult.Refused<>(status(response));
      }
    } catch (IOException e) {
      return unreachable(e);
    }
  }

  private <T> ApiResult<T> exchange(HttpRequest request, JsonDecoder<T> decoder) {
    return exchange(request, ObjectDecoder.ofJson(decoder));
  }

  private <T> ApiResult<T> exchange(HttpRequest request, ObjectDecoder<T> decoder) {
    return answered(request, decoder, decoder::read);
  }

  /** Reads what a successful response holds. */
  private interface BodyReader<T> {
    T read(InputStream body) throws IOException;
  }

  private <T> ApiResult<T> answered(
      HttpRequest request, ObjectDecoder<?> decoder, BodyReader<T> reader) {
    return answered(
        request,
        response -> {
          requireReadable(response, decoder);
          T value = reader.read(response.body());
          drain(response);
          return value;
        });
  }

  /** What becomes of a response that is a success. */
  private interface ResponseReader<T> {
    T read(HttpResponse response) throws IOException;
  }

  private <T> ApiResult<T> answered(HttpRequest request, ResponseReader<T> reader) {
    try (HttpResponse response = open(request)) {
      return response.status() >= 200 && response.status() < 300
          ? new ApiResult.Done<>(reader.read(response))
          : new ApiResult.Refused<>(status(response));
    } catch (IOException e) {
      return unreachable(e);
    }
  }

  private <T> ApiResult<T> unreachable(IOException e) {
    return new ApiResult.Unreachable<>(
        endpoint.host() + ":" + endpoint.port() + ": " + faults.explain(e));
  }

  private static String contentType(HttpResponse response) {
    return response.header("content-type").orElse("");
  }

  private static void requireReadable(HttpResponse response, ObjectDecoder<?> decoder)
      throws IOException {
    if (!decoder.reads(contentType(response))) {
      throw new IOException(NOT_AN_OBJECT);
    }
  }

  /** Lets the body see its end, so that the connection is kept. */
  private static void drain(HttpResponse response) throws IOException {
    byte[] rest = new byte[2048];
    while (response.body().read(rest) >= 0) {
      // The white space after an object, or all of one that is not read.
    }
  }

  /** Reads a short body, so that the connection is kept. */
  private static void discard(HttpResponse response) throws IOException {
    try (response) {
      response.body().readNBytes(ERROR_BODY_LIMIT);
    }
  }

  /** Sends, and repeats what the server throttled or what a new token may cure. */
  private HttpResponse open(HttpRequest request) throws IOException {
    boolean identityRetried = false;
    for (int attempt = 0; ; attempt++) {
      long started = System.nanoTime();
      HttpResponse response;
      try {
        response = transport.send(request);
      } catch (IOException e) {
        observer.answered(request.method(), 0, Duration.ofNanos(System.nanoTime() - started));
        throw e;
      }
      int code = response.status();
      observer.answered(request.method(), code, Duration.ofNanos(System.nanoTime() - started));
      if (code == 401 && !identityRetried) {
        identityRetried = true;
        discard(response);
        transport.identityRefused();
        continue;
      }
      Optional<Duration> wait = retryAfter(response);
      if (attempt >= options.retries() || !(code == 429 || (code >= 500 && wait.isPresent()))) {
        return response;
      }
      discard(response);
      pause(wait.orElse(Duration.ofSeconds(1)));
    }
  }

  private void pause(Duration asked) throws IOException {
    long millis = Math.min(asked.toMillis(), options.longestRetryAfter().toMillis());
    try {
      Thread.sleep(millis + ThreadLocalRandom.current().nextLong(1 + millis / 4));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the server made us wait");
    }
  }

  private static Optional<Duration> retryAfter(HttpResponse response) {
    return response
        .header("retry-after")
        .filter(text -> text.length() < 8 && text.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)));
  }

  private ApiStatus status(HttpResponse response) throws IOException {
    byte[] body = response.body().readNBytes(ERROR_BODY_LIMIT);
    ApiStatus status = ApiStatus.of(response.status(), body, retryAfter(response));
    if (response.status() != 401) {
      return status;
    }
    String why =
        endpoint
            .identityProblem()
            .orElse(endpoint.host() + ": the server does not accept these credentials");
    return new ApiStatus(401, StatusReason.UNAUTHORIZED, why, status.retryAfter());
  }

  /** Closes connections that have been kept for so long that no call would use them any more. */
  public void closeUnused() {
    transport.closeUnused();
  }

  /** The certificate that the server showed on the latest connection, verified. */
  public Optional<X509Certificate> serverCertificate() {
    return transport.serverCertificate();
  }

  /** Cuts all connections; calls in progress come back as {@link ApiResult.Unreachable}. */
  @Override
  public void close() {
    transport.close();
  }
}
