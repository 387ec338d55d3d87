package dev.countersign.scenarios.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A panel of the dashboard.
 *
 * @param isStat whether it shows one number, not a plot over time
 * @param unit as Grafana names it
 * @param x from the left, in the grid of 24 columns
 * @param y from the top
 * @param width in columns
 * @param height in rows
 * @param thresholds of a stat, ascending
 */
record Panel(
    String title,
    boolean isStat,
    String unit,
    int x,
    int y,
    int width,
    int height,
    List<Threshold> thresholds,
    List<Target> targets) {
  /** The colour of values from {@code from} on. */
  record Threshold(String colour, double from) {}

  /** A query; {@code legend} has the labels of a series in double braces. */
  record Target(String legend, String expression) {
    /** As Prometheus takes it, with what Grafana fills in. */
    String query(String namespace, String rateInterval) {
      return expression.replace("$namespace", namespace).replace("$__rate_interval", rateInterval);
    }
  }

  Panel {
    thresholds = List.copyOf(thresholds);
    targets = List.copyOf(targets);
  }

  /** All panels of a dashboard. */
  static List<Panel> read(Path file) throws IOException {
    List<Panel> panels = new ArrayList<>();
    for (JsonNode panel : new ObjectMapper().readTree(file.toFile()).path("panels")) {
      JsonNode defaults = panel.at("/fieldConfig/defaults");
      JsonNode grid = panel.path("gridPos");
      List<Threshold> thresholds = new ArrayList<>();
      for (JsonNode step : defaults.at("/thresholds/steps")) {
        thresholds.add(
            new Threshold(
                step.path("color").asText(),
                step.path("value").isNumber()
                    ? step.path("value").asDouble()
                    : Double.NEGATIVE_INFINITY));
      }
      List<Target> targets = new ArrayList<>();
      for (JsonNode target : panel.path("targets")) {
        targets.add(new Target(target.path("legendFormat").asText(), target.path("expr").asText()));
      }
      panels.add(
          new Panel(
              panel.path("title").asText(),
              panel.path("type").asText().equals("stat"),
              defaults.path("unit").asText(),
              grid.path("x").asInt(),
              grid.path("y").asInt(),
              grid.path("w").asInt(),
              grid.path("h").asInt(),
              thresholds,
              targets));
    }
    return panels;
  }
}
