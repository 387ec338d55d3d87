package dev.countersign.cluster.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broken kubeconfig is named, and nothing of what it holds is. */
class ClusterAccessTest {
  private static final ClusterAccess.Options AS_KUBECTL_LOOKS =
      new ClusterAccess.Options(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir private Path directory = Path.of(".");

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static ClusterAccess.Options given(Path kubeconfig) {
    return new ClusterAccess.Options(
        Optional.of(kubeconfig),
        Optional.empty(),
        Optional.empty(),
        Optional.of(Duration.ofSeconds(20)));
  }

  private ClusterAccess open(Path... kubeconfigs) {
    String list =
        String.join(File.pathSeparator, List.of(kubeconfigs).stream().map(Path::toString).toList());
    return ClusterAccess.open(AS_KUBECTL_LOOKS, Map.of("KUBECONFIG", list), directory);
  }

  private static String kubeconfig(String server, String cluster, String user) {
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: rack, cluster: {server: "%s"%s}}]
    users: [{name: ada, user: {%s}}]
    contexts: [{name: here, context: {cluster: rack, user: ada}}]
    current-context: here
    """
        .formatted(server, cluster, user);
  }

  @Test
  void brokenOneOfSeveral_isTheOneThatIsNamed() throws IOException {
    Path good = file("good.conf", kubeconfig("http://127.0.0.1:1", "", "token: t"));
    Path broken = file("broken.conf", "users: [{name: ada, user: {token: c2VjcmV0");
    IllegalArgumentException refused =
        catchThrowableOfType(IllegalArgumentException.class, () -> open(good, broken).close());
    assertThat(refused)
        .hasMessageStartingWith(broken + ": got text that is no YAML")
        .hasMessageNotContaining("c2VjcmV0")
        .hasNoCause();
    try (ClusterAccess cluster = open(directory.resolve("absent"), good)) {
      assertThat(cluster.server()).hasToString("http://127.0.0.1:1");
      assertThat(cluster.userName()).isEqualTo("ada");
    }
  }

  @Test
  void fileOfAnotherForm_isNamed() throws IOException {
    Map<String, String> wants = new LinkedHashMap<>();
    wants.put("users: c2VjcmV0\n", "users: got a text; want a list of mappings");
    wants.put("- c2VjcmV0\n", "got no mapping; want a kubeconfig");
    wants.put("{ c2VjcmV0", "got text that is no YAML");
    wants.put("", "current-context: got none");
    for (Map.Entry<String, String> want : wants.entrySet()) {
      Path broken = file("broken.conf", want.getKey());
      IllegalArgumentException refused =
          catchThrowableOfType(
              IllegalArgumentException.class, () -> ClusterAccess.open(given(broken)).close());
      assertThat(refused)
          .hasMessageStartingWith(broken + ": " + want.getValue())
          .hasMessageNotContaining("c2VjcmV0")
          .hasNoCause();
    }
  }

  /** fabric8's client says what our transport is told to say. */
  @Test
  void request_carriesWhoTheKubeconfigActsAs() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> seen = new CopyOnWriteArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          List<String> line = new ArrayList<>();
          line.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          line.add(String.valueOf(exchange.getRequestHeaders().getFirst("Impersonate-User")));
          line.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          line.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          seen.add(String.join("|", line));
          boolean missing = exchange.getRequestURI().getPath().endsWith("/absent");
          byte[] body =
              (missing
                      ? "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"nodes"
                          + " \\\"absent\\\" not found\",\"code\":404}"
                      : "{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\",\"annotations\":{\"x\":\"\u009b\"}}}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(missing ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/base";
    Path file = file("config", kubeconfig(url, "", "token: hidden, as: nobody@example.com"));
    try (ClusterAccess cluster = ClusterAccess.open(given(file))) {
      assertThat(cluster.client().nodes().withName("a").get().getMetadata().getAnnotations())
          .containsEntry("x", "\u009b");
      assertThat(cluster.client().nodes().withName("absent").get()).isNull();
      assertThat(cluster.get("/api/v1/nodes/a%3Ab").at("/metadata/annotations/x").asText())
          .isEqualTo("\u009b");
      cluster.send("PUT", "/x", cluster.get("/y"));
    } finally {
      server.stop(0);
    }
    assertThat(seen)
        .containsExactly(
            "GET /base/api/v1/nodes/a|nobody@example.com|null|",
            "GET /base/api/v1/nodes/absent|nobody@example.com|null|",
            "GET /base/api/v1/nodes/a%3Ab|nobody@example.com|null|",
            "GET /base/y|nobody@example.com|null|",
            "PUT /base/x|nobody@example.com|null|{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\","
                + "\"annotations\":{\"x\":\"\u009b\"}}}");
  }
}
