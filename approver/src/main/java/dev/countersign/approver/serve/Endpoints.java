package dev.countersign.approver.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.approver.metrics.ApproverMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves {@code /livez} (also as {@code /healthz}), {@code /readyz} and {@code /metrics} over plain
 * HTTP.
 */
public final class Endpoints implements AutoCloseable {
  /** A probe has to wait for a second and more once that many wait to be accepted. */
  private static final int BACKLOG = 1024;

  private final HttpServer server;

  private Endpoints(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts serving.
   *
   * @throws IOException when the address cannot be bound
   */
  public static Endpoints start(InetSocketAddress address, Health health, ApproverMetrics metrics)
      throws IOException {
    limitClients();
    HttpServer server;
    try {
      server = HttpServer.create(address, BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "metrics address "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage()
              + "; give another one with --metrics-address",
          e);
    }
    server.createContext("/livez", exchange -> probe(exchange, "/livez", health::notLive));
    server.createContext("/healthz", exchange -> probe(exchange, "/healthz", health::notLive));
    server.createContext("/readyz", exchange -> ready(exchange, health));
    server.createContext(
        "/metrics",
        exchange -> {
          ByteArrayOutputStream body = new ByteArrayOutputStream(16 * 1024);
          metrics.write(body);
          answer(
              exchange,
              "/metrics",
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              body.toByteArray());
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return new Endpoints(server);
  }

  /**
   * Anyone who reaches the port can open connections and send a request slowly. The server of the
   * JDK knows no limits of its own and reads them once, from system properties.
   */
  private static void limitClients() {
    System.setProperty("jdk.httpserver.maxConnections", "256");
    System.setProperty("sun.net.httpserver.maxReqHeaderSize", "8192");
    // In seconds, for the whole of a request.
    System.setProperty("sun.net.httpserver.maxReqTime", "5");
  }

  private static void ready(HttpExchange exchange, Health health) throws IOException {
    String ok = "ok" + health.remark().map(remark -> "\nwarning: " + remark).orElse("");
    probe(exchange, "/readyz", health::notReady, ok);
  }

  private static void probe(HttpExchange exchange, String path, Supplier<Optional<String>> problem)
      throws IOException {
    probe(exchange, path, problem, "ok");
  }

  private static void probe(
      HttpExchange exchange, String path, Supplier<Optional<String>> problem, String ok)
      throws IOException {
    Optional<String> found = problem.get();
    byte[] body = (found.orElse(ok) + "\n").getBytes(StandardCharsets.UTF_8);
    answer(exchange, path, found.isPresent() ? 503 : 200, "text/plain; charset=utf-8", body);
  }

  private static void answer(
      HttpExchange exchange, String path, int status, String type, byte[] body) throws IOException {
    try (exchange) {
      boolean get =
          exchange.getRequestMethod().equals("GET") || exchange.getRequestMethod().equals("HEAD");
      if (!get || !exchange.getRequestURI().getPath().equals(path)) {
        exchange.sendResponseHeaders(get ? 404 : 405, -1);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", type);
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Where it listens; tells the port where 0 was asked for. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
