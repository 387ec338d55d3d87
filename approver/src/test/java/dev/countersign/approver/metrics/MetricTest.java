package dev.countersign.approver.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kube.http.HttpRequest;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.testkit.GoldenFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricTest {
  private final ApproverMetrics metrics = new ApproverMetrics();

  @Test
  void referencePage_isCurrent() {
    StringBuilder page = new StringBuilder();
    page.append("# Metrics\n\n");
    page.append("Generated from `Metric`; rewrite with");
    page.append(" `mvn -pl approver -am test -Dtest=MetricTest -Dgolden.rewrite=true`.\n\n");
    page.append(
        "`countersign approver --metrics-bind-address HOST:PORT` serves them at `/metrics` in");
    page.append(" the Prometheus text format.\n");
    page.append("Label values come from closed sets, but for `node` below, which is bounded and");
    page.append(" off by default.\n\n");
    page.append("| metric | type | labels | what | how to read it |\n|---|---|---|---|---|\n");
    for (Metric metric : Metric.values()) {
      page.append("| `").append(metric.text()).append("` | ").append(metric.kind().text());
      page.append(" | ").append(String.join(", ", metric.labels()));
      page.append(" | ").append(metric.help());
      page.append(" | ").append(metric.note()).append(" |\n");
    }

    GoldenFiles.in("../docs/reference").assertMatches("metrics.md", page.toString());
  }

  @Test
  void names_followPrometheusConventions() {
    for (Metric metric : Metric.values()) {
      assertThat(metric.text()).matches("(countersign|process)_[a-z_]+");
      assertThat(metric.text().endsWith("_total")).isEqualTo(metric.kind() == Metric.Kind.COUNTER);
      assertThat(metric.help()).endsWith(".");
      assertThat(metric.note()).endsWith(".");
    }
  }

  @Test
  void scrape_hasNothingThatIsNotDocumented() throws IOException {
    touchAll();
    Set<String> documented = new HashSet<>();
    for (Metric metric : Metric.values()) {
      documented.add(metric.text() + " " + metric.kind().text());
    }

    Set<String> found = new HashSet<>();
    Matcher types = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$").matcher(scrape());
    while (types.find()) {
      found.add(types.group(1) + " " + types.group(2));
    }

    assertThat(found).isNotEmpty().isSubsetOf(documented);
    assertThat(found)
        .contains(
            "countersign_decisions_total counter",
            "countersign_approval_latency_seconds histogram",
            "countersign_api_requests_total counter",
            "countersign_policy_last_reload_successful gauge",
            "process_cpu_seconds_total counter");
  }

  @Test
  void decided_countsByVerdictAndReason() throws IOException {
    metrics.decided("denied", "CaRequested");
    metrics.decided("denied", "CaRequested");
    metrics.decided("approved", "");

    assertThat(scrape())
        .contains("countersign_decisions_total{reason=\"CaRequested\",verdict=\"denied\"} 2.0")
        .contains("countersign_decisions_total{reason=\"\",verdict=\"approved\"} 1.0");
  }

  @Test
  void approved_fillsBothHistograms() throws IOException {
    metrics.approved(Duration.ofMillis(700), Duration.ofMillis(3));
    metrics.approved(Duration.ofMillis(-40), Duration.ofMillis(3));

    assertThat(scrape())
        .contains("countersign_approval_latency_seconds_bucket{le=\"0.25\"} 1")
        .contains("countersign_approval_latency_seconds_bucket{le=\"1.0\"} 2")
        .contains("countersign_decision_duration_seconds_bucket{le=\"0.002\"} 0")
        .contains("countersign_decision_duration_seconds_bucket{le=\"0.005\"} 2");
  }

  @Test
  void policyReload_refused_showsUntilTheNextIsTaken() throws IOException {
    assertThat(scrape()).contains("countersign_policy_last_reload_successful 1.0");
    metrics.policyReload(false);
    assertThat(scrape()).contains("countersign_policy_last_reload_successful 0.0");
    metrics.policyReload(true);
    assertThat(scrape()).contains("countersign_policy_last_reload_successful 1.0");
  }

  private void touchAll() {
    metrics.decided("approved", "");
    metrics.joined("admitted", "");
    metrics.approved(Duration.ofSeconds(1), Duration.ofSeconds(1));
    metrics.watchRestarted("nodes", true);
    metrics.writeProblem("conflict");
    metrics.event("written");
    metrics.addressRecordWrite("written");
    metrics.lookedUp(FactKind.ACCESS, true);
    metrics.leads(true);
    metrics.policyReload(true);
    metrics.answered(HttpRequest.Method.GET, 200, Duration.ofMillis(1));
    metrics.gauge(Metric.NODES, () -> 3);
    metrics.counter(Metric.LOG_DROPPED, () -> 4);
    metrics.gauges(Metric.DEFERRED, () -> Map.of("NodeMissing", 2.0));
  }

  private String scrape() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metrics.write(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
