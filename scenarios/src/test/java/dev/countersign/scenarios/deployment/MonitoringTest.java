package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.approver.metrics.Metric;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and dashboard speak of metrics that exist, in PromQL that Prometheus understands. */
class MonitoringTest {
  private static final Path DIRECTORY = Path.of("../deploy/monitoring");
  private static final Pattern METRIC = Pattern.compile("\\b(?:countersign|process)_[a-z_]+\\b");
  private static final Pattern SELECTOR =
      Pattern.compile("\\b((?:countersign|process)_[a-z_]+)\\{([^}]*)}");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");

  /** What a scrape adds. */
  private static final Set<String> TARGET = Set.of("namespace", "pod", "instance", "job");

  private static List<Map<?, ?>> alerts() throws IOException {
    Map<?, ?> file =
        ManifestObjects.yaml().load(Files.readString(DIRECTORY.resolve("alerts.yaml")));
    List<Map<?, ?>> rules = new ArrayList<>();
    for (Object group : ManifestObjects.listAt(file, "groups")) {
      for (Object rule : ManifestObjects.listAt((Map<?, ?>) group, "rules")) {
        rules.add((Map<?, ?>) rule);
      }
    }
    assertThat(rules).hasSizeGreaterThan(10);
    return rules;
  }

  private static List<String> dashboard() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(DIRECTORY.resolve("dashboard.json").toFile());
    List<String> expressions = new ArrayList<>();
    dashboard.findValues("expr").forEach(each -> expressions.add(each.asText()));
    assertThat(expressions).hasSizeGreaterThan(15);
    return expressions;
  }

  private static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>(dashboard());
    alerts().forEach(alert -> all.add(String.valueOf(alert.get("expr"))));
    return all;
  }

  private static Optional<Metric> metric(String name) {
    return Arrays.stream(Metric.values())
        .filter(
            metric ->
                name.equals(metric.text())
                    || (metric.kind() == Metric.Kind.HISTOGRAM
                        && name.matches(metric.text() + "_(bucket|sum|count)")))
        .findFirst();
  }

  @Test
  void everyMetricNamed_exists() throws IOException {
    Set<String> unknown = new HashSet<>();
    Set<String> known = new HashSet<>();
    for (String expression : expressions()) {
      Matcher matcher = METRIC.matcher(expression);
      while (matcher.find()) {
        (metric(matcher.group()).isPresent() ? known : unknown).add(matcher.group());
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(known).hasSizeGreaterThan(15);
  }

  @Test
  void everyLabelSelected_isOneOfItsMetric() throws IOException {
    for (String expression : expressions()) {
      Matcher selector = SELECTOR.matcher(expression);
      while (selector.find()) {
        Set<String> good = new HashSet<>(TARGET);
        good.addAll(metric(selector.group(1)).map(Metric::labels).orElse(List.of()));
        Matcher label = LABEL.matcher(selector.group(2).replaceAll("\"[^\"]*\"", "\"\""));
        while (label.find()) {
          assertThat(good).as(expression).contains(label.group(1));
        }
      }
    }
  }

  @Test
  void everyAlert_hasATestThatSeesItFire_andAPageThatSaysWhatToDo() throws IOException {
    Map<?, ?> tests =
        ManifestObjects.yaml().load(Files.readString(DIRECTORY.resolve("alerts-test.yaml")));
    Set<String> firing = new HashSet<>();
    for (Object test : ManifestObjects.listAt(tests, "tests")) {
      for (Object each : ManifestObjects.listAt((Map<?, ?>) test, "alert_rule_test")) {
        if (!ManifestObjects.listAt((Map<?, ?>) each, "exp_alerts").isEmpty()) {
          firing.add(String.valueOf(((Map<?, ?>) each).get("alertname")));
        }
      }
    }
    List<String> headings =
        Files.readString(Path.of("../docs/operations/runbook.md"))
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();
    List<String> names =
        alerts().stream().map(alert -> String.valueOf(alert.get("alert"))).toList();
    assertThat(firing).containsExactlyInAnyOrderElementsOf(names);
    assertThat(headings).containsExactlyElementsOf(names);
    for (Map<?, ?> alert : alerts()) {
      assertThat(String.valueOf(ManifestObjects.mapAt(alert, "annotations").get("runbook")))
          .isEqualTo(
              "docs/operations/runbook.md#"
                  + String.valueOf(alert.get("alert")).toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void chart_hasTheSameAlertsAndDashboard() throws IOException {
    for (String file : List.of("alerts.yaml", "dashboard.json")) {
      assertThat(Path.of("../deploy/helm/countersign/files", file))
          .hasSameTextualContentAs(DIRECTORY.resolve(file));
    }
  }

  @Test
  @RequiresTool("promtool")
  void alerts_passPromtool() throws Exception {
    Ran.run(
            List.of(
                "promtool",
                "check",
                "rules",
                "--lint=all",
                "--lint-fatal",
                DIRECTORY.resolve("alerts.yaml").toString()))
        .orThrow();
    Ran.run(List.of("promtool", "test", "rules", DIRECTORY.resolve("alerts-test.yaml").toString()))
        .orThrow();
  }

  @Test
  @RequiresTool("promtool")
  void dashboard_isPromql(@TempDir Path directory) throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    int number = 0;
    for (String expression : dashboard()) {
      String filled = expression.replace("$namespace", ".*").replace("$__rate_interval", "5m");
      assertThat(filled).doesNotContain("$");
      rules.append("  - record: panel:expression:%d\n".formatted(number++));
      rules.append("    expr: '%s'\n".formatted(filled.replace("'", "''")));
    }
    Path file = Files.writeString(directory.resolve("dashboard.yaml"), rules);
    Ran.run(List.of("promtool", "check", "rules", file.toString())).orThrow();
  }
}
