package dev.countersign.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** Answers on 127.0.0.1 what it was told to, 404 to all else, and remembers what it was asked. */
public final class FakeApiServer implements AutoCloseable {
  private record Answer(int code, String body) {}

  private final HttpServer server;
  private final Map<String, Answer> answers = Collections.synchronizedMap(new HashMap<>());
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  private volatile Answer otherwise = new Answer(404, status(404, "NotFound"));

  FakeApiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory()));
    server.start();
  }

  /** Answers {@code METHOD /path}, whatever its query, that way. */
  FakeApiServer answer(String call, int code, String body) {
    answers.put(call, new Answer(code, body));
    return this;
  }

  /** Answers that to whatever it is asked. */
  FakeApiServer answerAll(int code, String body) {
    otherwise = new Answer(code, body);
    return this;
  }

  /** Answers a list of objects of a kind. */
  FakeApiServer list(String path, String version, String kind, String... items) {
    return answer(
        "GET " + path,
        200,
        "{\"apiVersion\":\"%s\",\"kind\":\"%sList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[%s]}"
            .formatted(version, kind, String.join(",", items)));
  }

  /** Answers a list of requests for certificates. */
  FakeApiServer requests(String... items) {
    return list(
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        items);
  }

  /** Answers a call with 403. */
  FakeApiServer forbid(String call) {
    return answer(call, 403, status(403, "Forbidden"));
  }

  /** Sends an event to whoever watches. */
  void event(String type, String object) {
    events.add("{\"type\":\"%s\",\"object\":%s}\n".formatted(type, object));
  }

  /** What it was asked, as {@code METHOD /path}. */
  List<String> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  /** What it was asked that changes something; a review does not. */
  List<String> writes() {
    return seen().stream()
        .filter(call -> !call.startsWith("GET ") && !call.endsWith("reviews"))
        .toList();
  }

  /** Its URL. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A kubeconfig for it. */
  Path kubeconfig(Path directory) throws IOException {
    return kubeconfig(directory, url(), "{token: pretended}");
  }

  /** A kubeconfig with one context, {@code here}, for any server. */
  public static Path kubeconfig(Path directory, String url, String user) throws IOException {
    return Files.writeString(
        directory.resolve("admin.conf"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: rack, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: ada, user: %s}]
        contexts: [{name: here, context: {cluster: rack, user: ada}}]
        current-context: here
        """
            .formatted(url, authority(directory), user));
  }

  private static Path authority(Path directory) throws IOException {
    SecureRandom random = new SecureRandom();
    return Files.writeString(
        directory.resolve("ca.crt"),
        CertificateAuthority.create(
                CertificateProfile.authority(
                    DistinguishedName.of(List.of(), "pretended"), Duration.ofDays(1)),
                KeyPair.generate(KeySpec.ECDSA_P256, random),
                random,
                Instant.now())
            .certificate()
            .toPem());
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
      watch(exchange);
      return;
    }
    String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    seen.add(call);
    Answer answer = answers.getOrDefault(call, otherwise);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange
        .getResponseHeaders()
        .add("Content-Type", answer.body().startsWith("<") ? "text/html" : "application/json");
    exchange.sendResponseHeaders(answer.code(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void watch(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      while (true) {
        out.write(events.take().getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String status(int code, String reason) {
    return """
    {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": %d, "reason": "%s",
     "message": "pretended: %s"}
    """
        .formatted(code, reason, reason);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
