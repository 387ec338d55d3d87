package dev.countersign.kube;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.http.HttpRequest.Method;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Talks to one API server. Thread-safe; every call blocks its thread, which is meant to be virtual.
 * No call throws for what a server or a network does: see {@link Outcome}.
 */
public final class ApiClient implements AutoCloseable {
  /** Asks for whole objects. */
  public static final String JSON = "application/json";

  /** Asks for metadata only where the server can. */
  public static final String METADATA_ONLY =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

  /** RFC 7386 merge patches. */
  public static final String MERGE_PATCH = "application/merge-patch+json";

  private static final int ERROR_BODY_LIMIT = 64 * 1024;

  private final HttpTransport transport;
  private final ServerEndpoint endpoint;
  private final ApiClientOptions options;
  private final ApiObserver observer;

  /** A client; connections are made when they are needed. */
  public ApiClient(ServerEndpoint endpoint, ApiClientOptions options, ApiObserver observer) {
    this.endpoint = endpoint;
    this.options = options;
    this.observer = observer;
    this.transport = new HttpTransport(endpoint, options.userAgent(), options.connectTimeout());
  }

  /** Reads one object. */
  public <T> Outcome<T> get(String target, JsonDecoder<T> decoder) {
    return exchange(HttpRequest.of(Method.GET, target, JSON, options.requestTimeout()), decoder);
  }

  /** Creates an object; the server's answer is decoded. */
  public <T> Outcome<T> create(String target, byte[] body, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.POST, target, JSON, options.requestTimeout()).withBody(JSON, body),
        decoder);
  }

  /**
   * Posts a review (SubjectAccessReview and the like): nothing is stored, so it may be repeated.
   */
  public <T> Outcome<T> review(String target, byte[] body, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.POST, target, JSON, options.requestTimeout())
            .withBody(JSON, body)
            .asRepeatable(),
        decoder);
  }

  /**
   * Replaces an object or a subresource. Safe to repeat only with a resource version in the body.
   *
   * @param accept {@link #JSON} or {@link #METADATA_ONLY}
   */
  public <T> Outcome<T> put(String target, byte[] body, String accept, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.PUT, target, accept, options.requestTimeout()).withBody(JSON, body),
        decoder);
  }

  /** Patches an object. */
  public <T> Outcome<T> patch(
      String target, String patchType, byte[] body, JsonDecoder<T> decoder) {
    return exchange(
        HttpRequest.of(Method.PATCH, target, JSON, options.requestTimeout())
            .withBody(patchType, body),
        decoder);
  }

  /** Deletes an object. */
  public Outcome<Boolean> delete(String target) {
    return exchange(
        HttpRequest.of(Method.DELETE, target, JSON, options.requestTimeout()),
        JsonReading::skipped);
  }

  /**
   * Reads all objects of a collection page by page and hands each to {@code sink} as soon as it is
   * read. An {@link Outcome.Refused} or {@link Outcome.Unreachable} can come after some objects
   * were handed out; so can a 410 ({@link StatusReason#EXPIRED}), which means: start again.
   *
   * @return the resource version the list stands for, to watch from
   */
  public <T> Outcome<String> list(
      ListQuery query, JsonDecoder<T> itemDecoder, Consumer<? super T> sink) {
    String next = "";
    while (true) {
      String target =
          ApiQuery.of(query.path())
              .with("fieldSelector", query.fieldSelector())
              .with("labelSelector", query.labelSelector())
              .with("limit", Integer.toString(query.pageSize()))
              .with("continue", next)
              .target();
      Outcome<ListPage> page =
          exchange(
              HttpRequest.of(Method.GET, target, JSON, options.listTimeout()),
              parser -> ListPage.decode(parser, itemDecoder, sink));
      switch (page) {
        case Outcome.Done<ListPage>(ListPage(String version, String token)) -> {
          if (token.isEmpty()) {
            return new Outcome.Done<>(version);
          }
          next = token;
        }
        case Outcome.Refused<ListPage>(ApiStatus status) -> {
          return new Outcome.Refused<>(status);
        }
        case Outcome.Unreachable<ListPage>(String why) -> {
          return new Outcome.Unreachable<>(why);
        }
      }
    }
  }

  /**
   * The version the collection is at now, without its objects.
   *
   * <p>Lower than a version seen before when the server's storage was set back to a backup.
   */
  public Outcome<String> latestVersion(ListQuery query) {
    String target =
        ApiQuery.of(query.path())
            .with("fieldSelector", query.fieldSelector())
            .with("labelSelector", query.labelSelector())
            .with("limit", "1")
            .target();
    Outcome<ListPage> page =
        exchange(
            HttpRequest.of(Method.GET, target, JSON, options.requestTimeout()),
            parser -> ListPage.decode(parser, JsonReading::skipped, ignored -> {}));
    return switch (page) {
      case Outcome.Done<ListPage>(ListPage(String version, String token)) ->
          new Outcome.Done<>(version);
      case Outcome.Refused<ListPage>(ApiStatus status) -> new Outcome.Refused<>(status);
      case Outcome.Unreachable<ListPage>(String why) -> new Outcome.Unreachable<>(why);
    };
  }

  private record ListPage(String resourceVersion, String continueToken) {
    static <T> ListPage decode(
        JsonParser parser, JsonDecoder<T> itemDecoder, Consumer<? super T> sink)
        throws IOException {
      var fields =
          new Object() {
            String version = "";
            String token = "";
          };
      JsonReading.object(
          parser,
          name -> {
            switch (name) {
              case "metadata" ->
                  JsonReading.object(
                      parser,
                      field -> {
                        switch (field) {
                          case "resourceVersion" -> fields.version = JsonReading.string(parser);
                          case "continue" -> fields.token = JsonReading.string(parser);
                          default -> {}
                        }
                      });
              case "items" ->
                  JsonReading.array(parser, () -> sink.accept(itemDecoder.decode(parser)));
              default -> {}
            }
          });
      return new ListPage(fields.version, fields.token);
    }
  }

  /**
   * Opens a watch. The answer's body is a stream of watch events, each at least {@code idle} after
   * the one before. The caller closes it.
   */
  public Outcome<WatchStream> watch(
      ListQuery query, String resourceVersion, Duration serverTimeout, Duration idle) {
    String target =
        ApiQuery.of(query.path())
            .with("watch", "true")
            .with("allowWatchBookmarks", "true")
            .with("fieldSelector", query.fieldSelector())
            .with("labelSelector", query.labelSelector())
            .with("resourceVersion", resourceVersion)
            .with("timeoutSeconds", Long.toString(serverTimeout.toSeconds()))
            .target();
    HttpRequest request =
        HttpRequest.of(Method.GET, target, JSON, options.requestTimeout()).streaming(idle);
    try {
      HttpResponse response = open(request);
      if (response.status() == 200) {
        return new Outcome.Done<>(new WatchStream(response));
      }
      try (response) {
        return new Outcome.Refused<>(status(response));
      }
    } catch (IOException e) {
      return new Outcome.Unreachable<>(explain(e));
    }
  }

  private <T> Outcome<T> exchange(HttpRequest request, JsonDecoder<T> decoder) {
    try (HttpResponse response = open(request)) {
      if (response.status() >= 200 && response.status() < 300) {
        try (JsonParser parser = JsonReading.parser(response.body())) {
          if (parser.nextToken() != JsonToken.START_OBJECT) {
            return new Outcome.Unreachable<>(
                request + ": the answer is not a JSON object; is this an API server?");
          }
          T value = decoder.decode(parser);
          drain(response);
          return new Outcome.Done<>(value);
        }
      }
      return new Outcome.Refused<>(status(response));
    } catch (IOException e) {
      return new Outcome.Unreachable<>(explain(e));
    }
  }

  /** Lets the body see its end, so that the connection is kept. */
  private static void drain(HttpResponse response) throws IOException {
    byte[] rest = new byte[64];
    while (response.body().read(rest) >= 0) {
      // The white space after the object.
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
        response.close();
        transport.identityRefused();
        continue;
      }
      Optional<Duration> wait = retryAfter(response);
      if (attempt >= options.retries() || !(code == 429 || (code >= 500 && wait.isPresent()))) {
        return response;
      }
      response.close();
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

  /** Says in plain words why there was no answer, and what to look at. */
  private String explain(IOException e) {
    String server = endpoint.host() + ":" + endpoint.port();
    if (e instanceof JacksonException json) {
      return server + ": the answer is no JSON that we can read: " + json.getOriginalMessage();
    }
    if (e instanceof ConnectException) {
      return server + ": nothing answers (" + e.getMessage() + "); check that it runs there";
    }
    if (e instanceof SocketTimeoutException) {
      return server + ": " + e.getMessage();
    }
    if (e instanceof SSLHandshakeException) {
      return server + ": " + explainHandshake(e);
    }
    String message = e.getMessage();
    return server + ": " + (message == null ? e.getClass().getSimpleName() : message);
  }

  private String explainHandshake(IOException e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return "the server's certificate is not valid now ("
            + cause.getMessage()
            + "); check this machine's clock, or renew that certificate";
      }
      if (cause instanceof CertPathBuilderException) {
        return "the server's certificate is not signed by the certificate authority given;"
            + " check certificate-authority in the kubeconfig, and that this is the right server";
      }
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("No subject alternative") || message.contains("No name matching")) {
      return "the server's certificate is not for "
          + endpoint.certificateName()
          + "; use a name that it is for, or set tls-server-name in the kubeconfig";
    }
    if (message.contains("bad_certificate") || message.contains("certificate_")) {
      return "the server refused our client certificate (" + message + ")";
    }
    return "no TLS connection: " + message;
  }

  /** The certificate that the server showed on the latest connection, verified. */
  public Optional<X509Certificate> serverCertificate() {
    return transport.serverCertificate();
  }

  /** Cuts all connections; calls in progress come back as {@link Outcome.Unreachable}. */
  @Override
  public void close() {
    transport.close();
  }
}
