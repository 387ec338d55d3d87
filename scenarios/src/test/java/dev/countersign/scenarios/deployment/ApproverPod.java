package dev.countersign.scenarios.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The approver as a kubelet would start it from the Deployment on the API server: a process in a
 * mount namespace that has the volumes at {@code /etc/countersign} and the ServiceAccount's files
 * at {@code /var/run/secrets}. It gets the Deployment's arguments; only the ports that it listens
 * on are this machine's. Needs root.
 */
final class ApproverPod implements AutoCloseable {
  private static final String NAMESPACE = ApproverDeployment.DEFAULT_NAMESPACE;
  private static final String CORE = "/api/v1/namespaces/" + NAMESPACE;

  /** Arguments: a directory with etc, volume and account; then the command. */
  private static final String SANDBOX =
      """
      mount -t tmpfs tmpfs "$1/etc"
      cp -a /etc/. "$1/etc/"
      mkdir -p "$1/etc/countersign"
      if [ -f "$1/resolv.conf" ]; then rm -f "$1/etc/resolv.conf"; cp "$1/resolv.conf" "$1/etc/"; fi
      mount --bind "$1/etc" /etc
      mount --bind -o ro "$1/volume" /etc/countersign
      mount -t tmpfs tmpfs /run
      mkdir -p /run/secrets/kubernetes.io/serviceaccount
      mount --bind -o ro "$1/account" /run/secrets/kubernetes.io/serviceaccount
      shift
      exec "$@"
      """;

  private final Process process;
  private final Path log;
  private final JsonNode container;
  private final URI metrics;
  private final URI probes;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private ApproverPod(Process process, Path log, JsonNode container, URI metrics, URI probes) {
    this.process = process;
    this.log = log;
    this.container = container;
    this.metrics = metrics;
    this.probes = probes;
  }

  /** Starts it with this machine's DNS. */
  static ApproverPod start(Cluster cluster, Path directory)
      throws IOException, InterruptedException {
    return start(cluster, directory, Optional.empty());
  }

  /**
   * Starts it.
   *
   * @param directory for its files; need not exist
   * @param nameserver the one DNS server that it knows
   */
  static ApproverPod start(Cluster cluster, Path directory, Optional<String> nameserver)
      throws IOException, InterruptedException {
    JsonNode pod =
        get(cluster, "/apis/apps/v1/namespaces/" + NAMESPACE + "/deployments/countersign-approver")
            .at("/spec/template/spec");
    JsonNode container = pod.at("/containers/0");
    Files.createDirectories(directory.resolve("etc"));
    mountVolumes(cluster, pod, container, directory.resolve("volume"));
    mountAccount(cluster, pod.path("serviceAccountName").asText(), directory.resolve("account"));
    if (nameserver.isPresent()) {
      Files.writeString(
          directory.resolve("resolv.conf"),
          "nameserver " + nameserver.get() + "\nsearch svc.local\n");
    }
    int metrics = CountersignProcess.freePort();
    int probes = CountersignProcess.freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-euc",
                SANDBOX,
                "sh",
                directory.toString()));
    command.addAll(CountersignProcess.command(arguments(container, metrics, probes)));
    Path log = directory.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    URI server = cluster.plane().server();
    builder.environment().put("KUBERNETES_SERVICE_HOST", server.getHost());
    builder.environment().put("KUBERNETES_SERVICE_PORT", String.valueOf(server.getPort()));
    return new ApproverPod(
        builder.start(),
        log,
        container,
        URI.create("http://127.0.0.1:" + metrics),
        URI.create("http://127.0.0.1:" + probes));
  }

  private static List<String> arguments(JsonNode container, int metrics, int probes) {
    Map<String, String> here =
        Map.of(
            "--metrics-bind-address=:8080", "--metrics-bind-address=127.0.0.1:" + metrics,
            "--health-probe-bind-address=:8081", "--health-probe-bind-address=127.0.0.1:" + probes);
    List<String> arguments = new ArrayList<>();
    for (JsonNode argument : container.path("args")) {
      arguments.add(here.getOrDefault(argument.asText(), argument.asText()));
    }
    if (!arguments.containsAll(here.values())) {
      throw new AssertionError("the Deployment's arguments are not the ones replaced here");
    }
    return arguments;
  }

  /** The files of the volume that is mounted at /etc/countersign. */
  private static void mountVolumes(Cluster cluster, JsonNode pod, JsonNode container, Path at)
      throws IOException, InterruptedException {
    Files.createDirectories(at);
    String name = "";
    for (JsonNode mount : container.path("volumeMounts")) {
      name =
          mount.path("mountPath").asText().equals("/etc/countersign")
              ? mount.path("name").asText()
              : name;
    }
    for (JsonNode volume : pod.path("volumes")) {
      if (volume.path("name").asText().equals(name)) {
        if (volume.has("projected")) {
          for (JsonNode source : volume.at("/projected/sources")) {
            project(cluster, source, at);
          }
        } else {
          project(cluster, volume, at);
        }
      }
    }
  }

  private static void project(Cluster cluster, JsonNode source, Path at)
      throws IOException, InterruptedException {
    boolean secret = source.has("secret");
    JsonNode reference = source.path(secret ? "secret" : "configMap");
    JsonNode data =
        get(
                cluster,
                CORE
                    + (secret ? "/secrets/" : "/configmaps/")
                    + reference.path("name").asText("no name"))
            .path("data");
    for (Map.Entry<String, JsonNode> entry : data.properties()) {
      Optional<String> path = Optional.of(entry.getKey());
      if (reference.has("items")) {
        path = Optional.empty();
        for (JsonNode item : reference.path("items")) {
          if (item.path("key").asText().equals(entry.getKey())) {
            path = Optional.of(item.path("path").asText());
          }
        }
      }
      if (path.isPresent()) {
        Path file = at.resolve(path.get());
        Files.createDirectories(file.resolveSibling("."));
        String text = entry.getValue().asText();
        Files.write(
            file,
            secret ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8));
      }
    }
    for (JsonNode item : reference.path("items")) {
      if (!Files.exists(at.resolve(item.path("path").asText()))) {
        throw new AssertionError(
            "the pod waits: no key " + item.path("key") + " in " + reference.path("name"));
      }
    }
  }

  private static void mountAccount(Cluster cluster, String account, Path at)
      throws IOException, InterruptedException {
    Files.createDirectories(at);
    ObjectNode request = new ObjectMapper().createObjectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request.putObject("spec").put("expirationSeconds", 3600);
    String token =
        cluster
            .operator()
            .post(CORE + "/serviceaccounts/" + account + "/token", request)
            .orThrow("requesting a token")
            .at("/status/token")
            .asText();
    Files.writeString(at.resolve("token"), token);
    Files.writeString(at.resolve("namespace"), NAMESPACE);
    Files.copy(cluster.plane().layout().authority(), at.resolve("ca.crt"));
  }

  private static JsonNode get(Cluster cluster, String path)
      throws IOException, InterruptedException {
    return cluster.operator().get(path).orThrow("reading " + path);
  }

  /** What the Deployment's probe of this name gets. */
  int probe(String name) throws InterruptedException {
    URI uri = probes.resolve(container.at("/" + name + "/httpGet/path").asText());
    try {
      return http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Its Prometheus metrics. */
  String metrics() throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(metrics.resolve("/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** What it has written so far. */
  List<String> log() throws IOException {
    return Files.readString(log).lines().toList();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as a kubelet does and returns its status. */
  int end() {
    CountersignProcess.stop(process);
    return process.exitValue();
  }

  @Override
  public void close() {
    CountersignProcess.stop(process);
    http.close();
  }
}
