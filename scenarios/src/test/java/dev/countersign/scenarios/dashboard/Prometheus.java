package dev.countersign.scenarios.dashboard;

import static dev.countersign.scenarios.fixture.Eventually.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.scenarios.fixture.CountersignProcess;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real Prometheus that scrapes approvers every second. */
final class Prometheus implements AutoCloseable {
  /** A series: its labels, and its values by time; a gap has no value. */
  record Series(Map<String, String> labels, List<Point> points) {
    Series {
      labels = Map.copyOf(labels);
      points = List.copyOf(points);
    }
  }

  /** A value at a time, in seconds since the epoch. */
  record Point(double time, double value) {}

  private final Process process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private Prometheus(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one; {@code targets} are the approvers' ports by the names of their Pods. */
  static Prometheus start(Path directory, String namespace, Map<String, Integer> targets)
      throws Exception {
    StringBuilder configuration =
        new StringBuilder(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
            - job_name: countersign-approver
              static_configs:
            """);
    new TreeMap<>(targets)
        .forEach(
            (pod, port) ->
                configuration.append(
                    "  - targets: ['127.0.0.1:%d']\n    labels: {namespace: %s, pod: %s, instance: %s}\n"
                        .formatted(port, namespace, pod, pod)));
    Path file = Files.writeString(directory.resolve("prometheus.yml"), configuration);
    int port = CountersignProcess.freePort();
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + file,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    Prometheus prometheus = new Prometheus(process, port);
    eventually(
        "Prometheus to scrape",
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(Files.readString(directory.resolve("prometheus.log")));
          }
          return prometheus.hasScraped(targets.size());
        });
    return prometheus;
  }

  private boolean hasScraped(int targets) throws InterruptedException {
    try {
      JsonNode up = get("query?query=" + encoded("sum(up)")).at("/data/result/0/value/1");
      return up.asText().equals(Integer.toString(targets));
    } catch (IOException e) {
      return false;
    }
  }

  /** What a query gives from {@code start} to {@code end}, once a second; without NaN. */
  List<Series> range(String query, Instant start, Instant end)
      throws IOException, InterruptedException {
    JsonNode answer =
        get(
            "query_range?query=%s&start=%d&end=%d&step=1"
                .formatted(encoded(query), start.getEpochSecond(), end.getEpochSecond()));
    List<Series> all = new ArrayList<>();
    for (JsonNode one : answer.at("/data/result")) {
      Map<String, String> labels = new TreeMap<>();
      one.path("metric")
          .properties()
          .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
      List<Point> points = new ArrayList<>();
      for (JsonNode pair : one.path("values")) {
        double value = Double.parseDouble(pair.path(1).asText().replace("Inf", "Infinity"));
        if (Double.isFinite(value)) {
          points.add(new Point(pair.path(0).asDouble(), value));
        }
      }
      if (!points.isEmpty()) {
        all.add(new Series(labels, points));
      }
    }
    return all;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                .timeout(Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(path + ": got " + response.statusCode() + " " + response.body());
    }
    return new ObjectMapper().readTree(response.body());
  }

  private static String encoded(String query) {
    return URLEncoder.encode(query, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
    CountersignProcess.stop(process);
  }
}
