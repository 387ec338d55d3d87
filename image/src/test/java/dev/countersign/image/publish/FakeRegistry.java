package dev.countersign.image.publish;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.plan.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A registry in memory on loopback, without referrers interface, that can be made to misbehave. */
public final class FakeRegistry implements AutoCloseable {
  public final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  public final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private final HttpServer server;
  private final Fault fault;

  /** What a request may meet before the registry does; says whether it was answered. */
  public interface Fault {
    boolean meets(HttpExchange exchange, FakeRegistry registry) throws IOException;
  }

  public FakeRegistry(Fault fault) throws IOException {
    this.fault = fault;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  Repository repository() {
    return Repository.parse("http://localhost:" + server.getAddress().getPort() + "/you/kubelet");
  }

  /** The repository's name as other clients take it. */
  public String name() {
    return "localhost:" + server.getAddress().getPort() + "/you/kubelet";
  }

  /** A client with more patience than any test has time for. */
  public RegistryClient client() throws IOException {
    return new RegistryClient(
        repository(),
        Optional.empty(),
        RegistryHttp.client(Optional.empty(), HttpProxies.none()),
        new RetryPolicy(5, Duration.ofMillis(1), Duration.ofSeconds(20)));
  }

  static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    answer(exchange, status, bytes);
  }

  private static void answer(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    boolean empty = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, empty ? -1 : bytes.length);
    if (!empty) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  /** What an upload session has so far. */
  byte[] uploaded(String path) {
    return uploads.getOrDefault(path, new ByteArrayOutputStream()).toByteArray();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
      if (fault.meets(exchange, this)) {
        return;
      }
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath().replaceFirst("^/v2/you/kubelet/", "");
      switch (exchange.getRequestMethod() + " " + path.replaceFirst("/[^/]*$", "")) {
        case "HEAD blobs", "GET blobs" -> serve(exchange, blobs.get(path.substring(6)));
        case "POST blobs/uploads" -> {
          String session = "blobs/uploads/" + sessions.incrementAndGet();
          uploads.put(session, new ByteArrayOutputStream());
          exchange.getResponseHeaders().set("Location", "/v2/you/kubelet/" + session);
          answer(exchange, 202, "");
        }
        case "PATCH blobs/uploads" -> {
          Objects.requireNonNull(uploads.get(path)).writeBytes(body);
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getPath());
          answer(exchange, 202, "");
        }
        case "GET blobs/uploads" -> {
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getPath());
          exchange
              .getResponseHeaders()
              .set(
                  "Range",
                  "0-" + Math.max(0, Objects.requireNonNull(uploads.get(path)).size() - 1));
          answer(exchange, 204, "");
        }
        case "PUT blobs/uploads" -> {
          byte[] blob = Objects.requireNonNull(uploads.get(path)).toByteArray();
          String digest = exchange.getRequestURI().getQuery().replaceFirst("digest=", "");
          if (!Digest.ofSha256(blob).toString().equals(digest)) {
            answer(exchange, 400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}");
          } else {
            blobs.put(digest, blob);
            answer(exchange, 201, "");
          }
        }
        case "PUT manifests" -> {
          manifests.put(path.substring(10), body);
          manifests.put(Digest.ofSha256(body).toString(), body);
          answer(exchange, 201, "");
        }
        case "HEAD manifests", "GET manifests" -> {
          byte[] manifest = manifests.get(path.substring(10));
          if (manifest != null) {
            describe(exchange, manifest);
          }
          serve(exchange, manifest);
        }
        case "GET /v2" -> answer(exchange, 200, "{}");
        default -> answer(exchange, 404, "");
      }
    }
  }

  private static void describe(HttpExchange exchange, byte[] manifest) {
    var type =
        Pattern.compile("\"mediaType\" *: *\"([^\"]+)\"")
            .matcher(new String(manifest, StandardCharsets.UTF_8));
    var headers = exchange.getResponseHeaders();
    headers.set("Docker-Content-Digest", Digest.ofSha256(manifest).toString());
    if (type.find()) {
      headers.set("Content-Type", type.group(1));
    }
  }

  private static void serve(HttpExchange exchange, byte @Nullable [] bytes) throws IOException {
    answer(exchange, bytes == null ? 404 : 200, bytes == null ? new byte[0] : bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
