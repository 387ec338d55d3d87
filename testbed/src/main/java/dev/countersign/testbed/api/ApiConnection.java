package dev.countersign.testbed.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.common.secret.SecretAccess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;

/** Requests to one API server as one user. Thread-safe. */
public final class ApiConnection implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(30);

  private final ClientConfig config;
  private final HttpClient client;

  /** Prepares a connection; nothing is sent before the first request. */
  public ApiConnection(ClientConfig config) {
    this.config = config;
    try {
      this.client =
          HttpClient.newBuilder()
              .sslContext(Tls.context(config.authorities(), config::identity))
              .connectTimeout(Duration.ofSeconds(5))
              .version(HttpClient.Version.HTTP_1_1)
              .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS with X.509", e);
    }
  }

  /** Who it speaks as, and to whom. */
  public ClientConfig config() {
    return config;
  }

  /** Reads. The path is from the server's root, with its query. */
  public Answer get(String path) throws IOException, InterruptedException {
    return send(path, "GET", Optional.empty(), "application/json");
  }

  /** Creates. */
  public Answer post(String path, JsonNode body) throws IOException, InterruptedException {
    return send(path, "POST", Optional.of(body), "application/json");
  }

  /** Replaces. */
  public Answer put(String path, JsonNode body) throws IOException, InterruptedException {
    return send(path, "PUT", Optional.of(body), "application/json");
  }

  /** Changes, by a JSON merge patch (RFC 7386). */
  public Answer mergePatch(String path, JsonNode body) throws IOException, InterruptedException {
    return send(path, "PATCH", Optional.of(body), "application/merge-patch+json");
  }

  /** Deletes. */
  public Answer delete(String path) throws IOException, InterruptedException {
    return send(path, "DELETE", Optional.empty(), "application/json");
  }

  /** Reads what is text rather than JSON, such as a log or a health check. */
  public HttpResponse<String> text(String path) throws IOException, InterruptedException {
    return client.send(
        request(path).GET().header("Accept", "*/*").build(), BodyHandlers.ofString());
  }

  private Answer send(String path, String method, Optional<JsonNode> body, String contentType)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).header("Accept", "application/json");
    if (body.isPresent()) {
      request.header("Content-Type", contentType);
      request.method(method, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body.get())));
    } else {
      request.method(method, BodyPublishers.noBody());
    }
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), parse(response.body()));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(config.server() + path))
            .timeout(LONGEST_REQUEST)
            .header("User-Agent", "countersign-controlplane");
    config
        .token()
        .ifPresent(
            token ->
                request.header(
                    "Authorization",
                    "Bearer " + token.reveal(SecretAccess.because("sent to its API server"))));
    return request;
  }

  private static JsonNode parse(byte[] body) {
    try {
      JsonNode tree = JSON.readTree(body);
      return tree == null ? MissingNode.getInstance() : tree;
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new IllegalStateException("an array is read without input", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
