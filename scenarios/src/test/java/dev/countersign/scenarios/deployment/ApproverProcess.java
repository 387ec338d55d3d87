package dev.countersign.scenarios.deployment;

import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.IOException;
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

/**
 * The approver as the Deployment starts it: its arguments go to the real command line, in a process
 * of its own. Only the policy's path, the port and the way to the API server are this machine's.
 */
final class ApproverProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final Map<?, ?> container;
  private final URI metrics;
  private final URI probes;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private ApproverProcess(Process process, Path log, Map<?, ?> container, URI metrics, URI probes) {
    this.process = process;
    this.log = log;
    this.container = container;
    this.metrics = metrics;
    this.probes = probes;
  }

  static ApproverProcess start(
      Map<?, ?> deployment, Path kubeconfig, String namespace, Path policy, Path log)
      throws IOException {
    Map<?, ?> container =
        (Map<?, ?>)
            ManifestObjects.listAt(
                    ManifestObjects.mapAt(deployment, "spec", "template", "spec"), "containers")
                .getFirst();
    int metrics = CountersignProcess.freePort();
    int probes = CountersignProcess.freePort();
    Map<String, String> here =
        Map.of(
            "--policy=/etc/countersign/policy.yaml", "--policy=" + policy,
            "--metrics-bind-address=:8080", "--metrics-bind-address=127.0.0.1:" + metrics,
            "--health-probe-bind-address=:8081", "--health-probe-bind-address=127.0.0.1:" + probes);
    List<String> arguments = new ArrayList<>();
    for (String argument : ManifestObjects.textsAt(container, "args")) {
      arguments.add(here.getOrDefault(argument, argument));
    }
    if (!arguments.containsAll(here.values())) {
      throw new AssertionError("the Deployment's arguments are not the ones replaced here");
    }
    arguments.addAll(List.of("--kubeconfig=" + kubeconfig, "--namespace=" + namespace));
    Process process =
        new ProcessBuilder(CountersignProcess.command(arguments))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new ApproverProcess(
        process,
        log,
        container,
        URI.create("http://127.0.0.1:" + metrics),
        URI.create("http://127.0.0.1:" + probes));
  }

  /** What the Deployment's probe of this name gets. */
  int probe(String name) throws InterruptedException {
    return get(String.valueOf(ManifestObjects.mapAt(container, name, "httpGet").get("path")));
  }

  private int get(String path) throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(probes.resolve(path)).timeout(Duration.ofSeconds(5)).build(),
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
