package dev.countersign.scenarios.deployment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The approver as the Deployment starts it: its arguments go to the real command line, in a process
 * of its own. Only the policy's path, the port and the way to the API server are this machine's.
 */
final class ApproverProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final Map<?, ?> container;
  private final URI address;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private ApproverProcess(Process process, Path log, Map<?, ?> container, URI address) {
    this.process = process;
    this.log = log;
    this.container = container;
    this.address = address;
  }

  static ApproverProcess start(
      Map<?, ?> deployment, Path kubeconfig, String namespace, Path policy, Path log)
      throws IOException {
    Map<?, ?> container =
        (Map<?, ?>)
            ManifestObjects.listAt(
                    ManifestObjects.mapAt(deployment, "spec", "template", "spec"), "containers")
                .getFirst();
    int port;
    try (ServerSocket free = new ServerSocket()) {
      free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      port = free.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.countersign.cli.Countersign"));
    for (String argument : ManifestObjects.textsAt(container, "args")) {
      command.add(
          argument
              .replace("--policy=/etc/countersign/policy.yaml", "--policy=" + policy)
              .replace("--metrics-address=:8080", "--metrics-address=127.0.0.1:" + port));
    }
    if (!command.contains("--policy=" + policy)
        || !command.contains("--metrics-address=127.0.0.1:" + port)) {
      throw new AssertionError("the Deployment's arguments are not the ones replaced here");
    }
    command.addAll(List.of("--kubeconfig=" + kubeconfig, "--namespace=" + namespace));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new ApproverProcess(process, log, container, URI.create("http://127.0.0.1:" + port));
  }

  /** What the Deployment's probe of this name gets. */
  int probe(String name) throws InterruptedException {
    return get(String.valueOf(ManifestObjects.mapAt(container, name, "httpGet").get("path")));
  }

  private int get(String path) throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Its Prometheus metrics. */
  String metrics() throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address.resolve("/metrics")).build(),
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

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
