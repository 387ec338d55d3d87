package dev.countersign.cluster.connect;

import dev.countersign.kube.http.HttpRequest.Method;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.StandardHttpClient;
import io.fabric8.kubernetes.client.http.StandardHttpClientBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpHeaders;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.StandardWebSocketBuilder;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets fabric8's client talk over our own transport, so that a kubeconfig means the same in every
 * command and in the approver: one way to connect, one way to show who we are. Answers are read
 * whole; watches over WebSocket are not there.
 */
final class TransportFactory implements HttpClient.Factory {
  private static final String JSON = "application/json";

  /** As good as for ever. */
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final HttpTransport transport;
  private final String basePath;

  /**
   * One for a server.
   *
   * @param basePath what the transport puts before each path, and fabric8 does, too
   */
  TransportFactory(HttpTransport transport, String basePath) {
    this.transport = transport;
    this.basePath = basePath;
  }

  /** With nothing of the configuration but how often to ask: the transport has the rest. */
  @Override
  public HttpClient.Builder newBuilder(Config config) {
    HttpClient.Builder builder = newBuilder();
    builder.tag(config.getRequestConfig());
    return builder;
  }

  @Override
  public HttpClient.Builder newBuilder() {
    return new TransportBuilder(this);
  }

  private static final class TransportBuilder
      extends StandardHttpClientBuilder<Client, TransportFactory, TransportBuilder> {
    TransportBuilder(TransportFactory factory) {
      super(factory);
    }

    @Override
    public Client build() {
      return new Client(this, client == null ? new AtomicBoolean() : client.getClosed());
    }

    @Override
    protected TransportBuilder newInstance(TransportFactory factory) {
      return new TransportBuilder(factory);
    }
  }

  private static final class Client
      extends StandardHttpClient<Client, TransportFactory, TransportBuilder> {
    private final TransportFactory factory;

    Client(TransportBuilder builder, AtomicBoolean closed) {
      super(builder, closed);
      this.factory = builder.getClientFactory();
    }

    @Override
    public CompletableFuture<WebSocketResponse> buildWebSocketDirect(
        StandardWebSocketBuilder socket, WebSocket.Listener listener) {
      return CompletableFuture.failedFuture(
          new UnsupportedOperationException("WebSockets are not used"));
    }

    @Override
    public CompletableFuture<io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody>>
        consumeBytesDirect(
            StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
      CompletableFuture<io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody>> answer =
          new CompletableFuture<>();
      Thread.ofVirtual()
          .name("request")
          .start(
              () -> {
                try {
                  answer.complete(factory.exchange(request, consumer));
                } catch (IOException | RuntimeException e) {
                  answer.completeExceptionally(e);
                }
              });
      return answer;
    }

    @Override
    protected void doClose() {
      factory.transport.close();
    }
  }

  private Answer exchange(
      StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer)
      throws IOException {
    try (HttpResponse response = transport.send(translated(request))) {
      byte[] body = response.body().readAllBytes();
      return new Answer(request, response, new Body(body, consumer));
    }
  }

  private dev.countersign.kube.http.HttpRequest translated(StandardHttpRequest request)
      throws IOException {
    String path = request.uri().getRawPath();
    String query = request.uri().getRawQuery();
    String target = path.substring(basePath.length()) + (query == null ? "" : "?" + query);
    Duration timeout = request.getTimeout();
    dev.countersign.kube.http.HttpRequest translated =
        dev.countersign.kube.http.HttpRequest.of(
            Method.valueOf(request.method()),
            target,
            Optional.ofNullable(request.header("Accept")).orElse("*/*"),
            timeout == null || timeout.isZero() || timeout.isNegative() ? NO_LIMIT : timeout);
    return request.body() == null
        ? translated
        : translated.withBody(
            Optional.ofNullable(request.getContentType()).orElse(JSON), bytes(request.body()));
  }

  private static byte[] bytes(StandardHttpRequest.BodyContent body) throws IOException {
    return switch (body) {
      case StandardHttpRequest.StringBodyContent text ->
          text.getContent().getBytes(StandardCharsets.UTF_8);
      case StandardHttpRequest.ByteArrayBodyContent bytes -> bytes.getContent();
      case StandardHttpRequest.InputStreamBodyContent stream -> {
        try (InputStream in = stream.getContent()) {
          yield in.readAllBytes();
        }
      }
      default -> throw new IOException("a request's body: got " + body.getClass());
    };
  }

  private static final class Answer extends StandardHttpHeaders
      implements io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody> {
    private final StandardHttpRequest request;
    private final int code;
    private final Body body;

    Answer(StandardHttpRequest request, HttpResponse response, Body body) {
      super(headers(response));
      this.request = request;
      this.code = response.status();
      this.body = body;
    }

    private static Map<String, List<String>> headers(HttpResponse response) {
      Map<String, List<String>> headers = new HashMap<>();
      for (String name : List.of("content-type", "retry-after", "warning")) {
        response.header(name).ifPresent(value -> headers.put(name, List.of(value)));
      }
      return headers;
    }

    @Override
    public int code() {
      return code;
    }

    @Override
    public AsyncBody body() {
      return body;
    }

    @Override
    public HttpRequest request() {
      return request;
    }

    @Override
    public Optional<io.fabric8.kubernetes.client.http.HttpResponse<?>> previousResponse() {
      return Optional.empty();
    }
  }

  private static final class Body implements AsyncBody {
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private final AtomicBoolean consumed = new AtomicBoolean();
    private final byte[] bytes;
    private final AsyncBody.Consumer<List<ByteBuffer>> consumer;

    Body(byte[] bytes, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
      this.bytes = bytes;
      this.consumer = consumer;
    }

    @Override
    public void consume() {
      if (!consumed.compareAndSet(false, true)) {
        return;
      }
      try {
        if (bytes.length > 0) {
          consumer.consume(List.of(ByteBuffer.wrap(bytes)), this);
        }
        end.complete(bytes.length);
      } catch (Exception e) {
        end.completeExceptionally(e);
      }
    }

    @Override
    public CompletableFuture<Void> done() {
      return end.thenRun(() -> {});
    }

    @Override
    public void cancel() {
      end.cancel(false);
    }
  }
}
