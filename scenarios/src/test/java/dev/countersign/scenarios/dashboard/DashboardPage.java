package dev.countersign.scenarios.dashboard;

import dev.countersign.scenarios.dashboard.Panel.Threshold;
import dev.countersign.scenarios.dashboard.Prometheus.Point;
import dev.countersign.scenarios.dashboard.Prometheus.Series;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Draws the dashboard's panels as a page, from what Prometheus answered. It is no Grafana: the
 * layout, the units and the queries are the dashboard's, the drawing is ours.
 */
final class DashboardPage {
  private static final Pattern LABEL = Pattern.compile("\\{\\{([a-z_]+)}}");
  private static final int COLUMN = 58;
  private static final int ROW = 26;
  private static final List<String> COLOURS =
      List.of(
          "#0f766e", "#b45309", "#6d28d9", "#be123c", "#1d4ed8", "#4d7c0f", "#a21caf", "#475569");
  private static final Map<String, String> STATES =
      Map.of("red", "#b91c1c", "orange", "#9a3412", "green", "#166534");
  private static final String NEUTRAL = "#334155";

  /** A panel's answers. */
  record Answered(Panel panel, List<Drawn> series) {
    Answered {
      series = List.copyOf(series);
    }
  }

  /** A series with the name that its panel's legend gives it. */
  record Drawn(String name, List<Point> points) {
    static Drawn of(Panel.Target target, Series series) {
      String name =
          target.legend().isEmpty()
              ? ""
              : LABEL
                  .matcher(target.legend())
                  .replaceAll(
                      label ->
                          Matcher.quoteReplacement(
                              series.labels().getOrDefault(label.group(1), "")));
      return new Drawn(name.strip(), series.points());
    }

    Drawn {
      points = List.copyOf(points);
    }
  }

  private final long start;
  private final long end;

  private DashboardPage(Instant start, Instant end) {
    this.start = start.getEpochSecond();
    this.end = end.getEpochSecond();
  }

  static String of(List<Answered> panels, Instant start, Instant end) {
    DashboardPage page = new DashboardPage(start, end);
    StringBuilder html = new StringBuilder();
    int height =
        panels.stream().mapToInt(each -> each.panel().y() + each.panel().height()).max().orElse(0);
    html.append(
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>countersign approver</title>
        <style>
        body{margin:16px;font:13px sans-serif;background:#f1f5f9;color:#1e293b;width:%dpx}
        h1{font-size:18px;margin:0 0 12px}
        main{position:relative;height:%dpx}
        section{position:absolute;box-sizing:border-box;background:#fff;border:1px solid #cbd5e1;
        border-radius:3px;padding:6px 8px;overflow:hidden}
        h2{font-size:13px;margin:0;font-weight:bold}
        .stat{color:#fff}
        .stat p{font-size:44px;margin:30px 0 0;text-align:center}
        ul{margin:2px 0 0;padding:0;list-style:none;line-height:15px;font-size:11px}
        li{display:inline-block;margin-right:10px}
        li i{display:inline-block;width:12px;height:3px;margin-right:4px;vertical-align:middle}
        svg text{font-size:10px;fill:#475569}
        </style></head><body><h1>countersign approver</h1><main>
        """
            .formatted(24 * COLUMN, height * ROW));
    panels.forEach(answered -> page.panel(html, answered));
    return html.append("</main></body></html>\n").toString();
  }

  private void panel(StringBuilder html, Answered answered) {
    Panel panel = answered.panel();
    int width = panel.width() * COLUMN - 8;
    int height = panel.height() * ROW - 8;
    String place =
        "left:%dpx;top:%dpx;width:%dpx;height:%dpx"
            .formatted(panel.x() * COLUMN, panel.y() * ROW, width, height);
    if (panel.isStat()) {
      double value = answered.series().getFirst().points().getLast().value();
      html.append(
          "<section class=\"stat\" style=\"%s;background:%s\"><h2>%s</h2><p>%s</p></section>\n"
              .formatted(
                  place,
                  colour(panel.thresholds(), value),
                  escape(panel.title()),
                  text(panel.unit(), value)));
      return;
    }
    html.append(
        "<section style=\"%s\"><h2>%s</h2>%s%s</section>\n"
            .formatted(
                place,
                escape(panel.title()),
                plot(answered, width - 18, height - 62),
                legend(answered)));
  }

  private static String colour(List<Threshold> thresholds, double value) {
    return thresholds.stream()
        .filter(each -> value >= each.from())
        .reduce((first, second) -> second)
        .map(each -> STATES.getOrDefault(each.colour(), NEUTRAL))
        .orElse(NEUTRAL);
  }

  private static String legend(Answered answered) {
    StringBuilder list = new StringBuilder("<ul>");
    for (int i = 0; i < answered.series().size(); i++) {
      list.append(
          "<li><i style=\"background:%s\"></i>%s</li>"
              .formatted(COLOURS.get(i % COLOURS.size()), escape(answered.series().get(i).name())));
    }
    return list.append("</ul>").toString();
  }

  private String plot(Answered answered, int width, int height) {
    int left = 56;
    int bottom = height - 16;
    double largest =
        answered.series().stream()
            .flatMap(each -> each.points().stream())
            .mapToDouble(Point::value)
            .max()
            .orElse(0);
    double top = largest <= 0 ? 1 : largest * 1.1;
    StringBuilder svg =
        new StringBuilder(
            "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">"
                .formatted(width, height, escape(answered.panel().title())));
    for (int i = 0; i <= 2; i++) {
      double y = bottom - (bottom - 8) * i / 2.0;
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fH%d\" stroke=\"#e2e8f0\"/><text x=\"%d\" y=\"%.1f\""
                  + " text-anchor=\"end\">%s</text>",
              left,
              y,
              width,
              left - 6,
              y + 3,
              text(answered.panel().unit(), top * i / 2)));
    }
    for (int i = 0; i <= 4; i++) {
      double seconds = (end - start) * i / 4.0;
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.0f s</text>",
              left + (width - left) * i / 4.0,
              height - 3,
              i == 4 ? "end" : "middle",
              seconds));
    }
    for (int i = 0; i < answered.series().size(); i++) {
      StringBuilder path = new StringBuilder();
      double last = Double.NEGATIVE_INFINITY;
      for (Point point : answered.series().get(i).points()) {
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1f",
                point.time() - last > 1.5 ? "M" : "L",
                left + (width - left) * (point.time() - start) / (end - start),
                bottom - (bottom - 8) * Math.max(0, point.value()) / top));
        last = point.time();
      }
      svg.append(
          "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>"
              .formatted(path, COLOURS.get(i % COLOURS.size())));
    }
    return svg.append("</svg>").toString();
  }

  private static String text(String unit, double value) {
    return switch (unit) {
      case "s" ->
          value >= 86_400
              ? number(value / 86_400) + " d"
              : value >= 1 || value == 0 ? number(value) + " s" : number(value * 1000) + " ms";
      case "bytes" -> number(value / (1 << 20)) + " MiB";
      case "ops" -> number(value) + "/s";
      default -> number(value);
    };
  }

  private static String number(double value) {
    String format =
        value == Math.rint(value) || value >= 100 ? "%.0f" : value >= 1 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
