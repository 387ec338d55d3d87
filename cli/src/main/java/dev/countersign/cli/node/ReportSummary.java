package dev.countersign.cli.node;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.report.ClusterReport;
import dev.countersign.cluster.report.ClusterReport.Finding;
import dev.countersign.cluster.report.ClusterReport.Health;
import dev.countersign.cluster.report.ClusterReport.Row;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** A report on a screen: counts, then findings by cause. */
final class ReportSummary {
  private ReportSummary() {}

  static void print(Console console, ClusterReport report) {
    lines(report).forEach(console.out()::println);
    if (!report.findings().isEmpty()) {
      console.out().println();
      findings(report.findings()).print(console);
    }
  }

  private static List<String> lines(ClusterReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("cluster    " + SafeText.line(report.server()));
    lines.add("as of      " + report.at());
    lines.add("nodes      " + nodes(report));
    next(report).ifPresent(words -> lines.add("next end   " + words));
    lines.add("requests   " + requests(report));
    lines.add("addresses  " + addresses(report));
    lines.add("tokens     " + tokens(report));
    lines.add("findings   " + report.findings().size());
    return lines;
  }

  private static String nodes(ClusterReport report) {
    Map<Health, Integer> counts = new EnumMap<>(Health.class);
    report.rows().forEach(row -> counts.merge(row.health(), 1, Integer::sum));
    StringJoiner words = new StringJoiner(", ", ": ", "").setEmptyValue("");
    counts.forEach((health, count) -> words.add(count + " " + health.text()));
    return report.snapshot().nodes().size() + words.toString();
  }

  private record End(Instant at, String words) {}

  /** The certificate that ends first of those that are valid. */
  private static Optional<String> next(ClusterReport report) {
    return report.rows().stream()
        .flatMap(ReportSummary::ends)
        .filter(end -> end.at().isAfter(report.at()))
        .min(Comparator.comparing(End::at))
        .map(
            end ->
                "in "
                    + Durations.human(Duration.between(report.at(), end.at()))
                    + ", "
                    + SafeText.line(end.words()));
  }

  private static Stream<End> ends(Row row) {
    String node = row.node().name();
    return Stream.concat(
        row
            .serving()
            .map(one -> new End(one.notAfter(), "the serving certificate of " + node))
            .stream(),
        row
            .node()
            .client()
            .map(one -> new End(one.notAfter(), "the client certificate of " + node))
            .stream());
  }

  private static String requests(ClusterReport report) {
    StringJoiner states = new StringJoiner("; ");
    for (RequestState state : RequestState.values()) {
      Map<String, Integer> reasons = report.reasons(state);
      if (!reasons.isEmpty()) {
        StringJoiner words = new StringJoiner(", ", " (", ")");
        reasons.forEach((reason, count) -> words.add(count + " " + SafeText.line(reason)));
        states.add(
            reasons.values().stream().mapToInt(Integer::intValue).sum()
                + " "
                + state.text()
                + (reasons.keySet().equals(Set.of("-")) ? "" : words.toString()));
      }
    }
    return states.length() == 0 ? "all have a certificate" : states.toString();
  }

  private static String addresses(ClusterReport report) {
    return report
        .addresses()
        .map(all -> all.size() + " on record, " + report.contests().size() + " contested")
        .orElse("not known");
  }

  private static String tokens(ClusterReport report) {
    List<TokenView> tokens = report.snapshot().tokens();
    long over = tokens.stream().filter(token -> token.hasExpired(report.at())).count();
    long used = tokens.stream().filter(token -> !token.uses().isEmpty()).count();
    return tokens.size() + (tokens.isEmpty() ? "" : ", " + used + " used, " + over + " expired");
  }

  private static Table findings(List<Finding> findings) {
    Map<String, List<Finding>> byCause = new LinkedHashMap<>();
    findings.forEach(
        finding -> byCause.computeIfAbsent(finding.cause(), _ -> new ArrayList<>()).add(finding));
    Table table = Table.of("CAUSE", "COUNT", "WHERE", "NEXT");
    byCause.forEach(
        (cause, all) -> {
          Finding first = all.getFirst();
          table.row(
              cause,
              Integer.toString(all.size()),
              first.where() + (all.size() > 1 ? ", …" : ""),
              first.next());
        });
    return table;
  }
}
