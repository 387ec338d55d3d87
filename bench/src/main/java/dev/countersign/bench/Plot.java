package dev.countersign.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A plot as SVG: bars for what is compared, lines for what grows. The same data give the same text.
 *
 * <p>The colours suit light and dark pages, and every value is written beside its mark, so that
 * nothing depends on telling colours apart.
 *
 * @param title what is plotted
 * @param unit of all values, such as {@code ms}
 * @param kind how it is drawn
 * @param categories one for each value of a series, from top to bottom or from left to right
 * @param series what is compared
 */
public record Plot(
    String title, String unit, Kind kind, List<String> categories, List<Series> series) {
  private static final int WIDTH = 720;
  private static final int TOP = 34;
  private static final int BAR = 18;
  private static final int GAP = 14;
  private static final int HEIGHT = 220;
  private static final int CHARACTER = 7;
  private static final int MARGIN = 16;

  private static final List<String> COLOURS = List.of("#0f766e", "#b45309", "#6d28d9", "#be123c");

  /** How values are drawn. */
  public enum Kind {
    /** A bar for each value. */
    BARS,
    /** A line for each series; categories that are ascending numbers are placed to scale. */
    LINES
  }

  /**
   * Values with a name.
   *
   * @param name as the legend has it
   * @param values one for each category
   */
  public record Series(String name, List<Double> values) {
    /** Keeps a copy of the values. */
    public Series {
      values = List.copyOf(values);
    }
  }

  /** Refuses values without a category, series without a colour, and values below zero. */
  public Plot {
    categories = List.copyOf(categories);
    series = List.copyOf(series);
    if (series.isEmpty() || series.size() > COLOURS.size() || categories.isEmpty()) {
      throw new IllegalArgumentException(
          "plot: got %d series of %d categories; want 1 to %d series of one category or more"
              .formatted(series.size(), categories.size(), COLOURS.size()));
    }
    for (Series each : series) {
      if (each.values().size() != categories.size() || Collections.min(each.values()) < 0) {
        throw new IllegalArgumentException(
            "%s: got %s; want %d values of zero or more"
                .formatted(each.name(), each.values(), categories.size()));
      }
    }
  }

  /** The plot as a file of its own. */
  public String toSvg() {
    List<String> lines = new ArrayList<>();
    int height = kind == Kind.BARS ? bars(lines) : lines(lines);
    int legend = height;
    if (series.size() > 1) {
      int x = MARGIN;
      for (int i = 0; i < series.size(); i++) {
        lines.add(rectangle(x, legend, 12, 12, i));
        lines.add(text(x + 18, legend + 10, "start", series.get(i).name()));
        x += 36 + series.get(i).name().length() * CHARACTER;
      }
      height += 26;
    }
    Stream<String> head =
        Stream.of(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                    .formatted(WIDTH, height)
                + " aria-label=\"%s\" font-family=\"sans-serif\" font-size=\"12\">"
                    .formatted(escape(title)),
            "<style>text{fill:#1f2937}.axis{stroke:#9ca3af}"
                + "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}}</style>",
            "<text x=\"%d\" y=\"20\" font-size=\"14\" font-weight=\"bold\">%s</text>"
                .formatted(MARGIN, escape(title + (unit.isEmpty() ? "" : " (" + unit + ")"))));
    return String.join("\n", Stream.concat(head, lines.stream()).toList()) + "\n</svg>\n";
  }

  private int bars(List<String> lines) {
    int left =
        MARGIN + CHARACTER * categories.stream().mapToInt(String::length).max().orElseThrow();
    double scale = (WIDTH - left - MARGIN - 10 * CHARACTER) / largest();
    int y = TOP;
    for (int category = 0; category < categories.size(); category++) {
      int middle = y + series.size() * BAR / 2 + 4;
      lines.add(text(left - 8, middle, "end", categories.get(category)));
      for (int i = 0; i < series.size(); i++) {
        double value = series.get(i).values().get(category);
        lines.add(rectangle(left, y + 1, value * scale, BAR - 2, i));
        lines.add(text(left + value * scale + 6, y + BAR - 5, "start", number(value)));
        y += BAR;
      }
      y += GAP;
    }
    lines.add(axis(left, TOP - 4, left, y - GAP + 4));
    return y;
  }

  private int lines(List<String> lines) {
    int left = MARGIN + 4 * CHARACTER;
    int bottom = TOP + HEIGHT;
    double scale = (HEIGHT - 24) / largest();
    double[] across = across();
    lines.add(axis(left, bottom, WIDTH - left, bottom));
    for (int category = 0; category < categories.size(); category++) {
      lines.add(
          text(
              left + across[category] * (WIDTH - 2.0 * left),
              bottom + 18,
              "middle",
              categories.get(category)));
    }
    for (int i = 0; i < series.size(); i++) {
      StringBuilder points = new StringBuilder();
      for (int category = 0; category < categories.size(); category++) {
        double value = series.get(i).values().get(category);
        double x = left + across[category] * (WIDTH - 2.0 * left);
        double y = bottom - value * scale;
        points.append(points.isEmpty() ? "" : " ").append(place(x)).append(',').append(place(y));
        lines.add(
            "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"/>"
                .formatted(place(x), place(y), COLOURS.get(i)));
        lines.add(text(x, y - 8, "middle", number(value)));
      }
      lines.add(
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>"
              .formatted(points, COLOURS.get(i)));
    }
    return bottom + 34;
  }

  /** Where each category is, from 0 on the left to 1 on the right. */
  private double[] across() {
    int last = categories.size() - 1;
    boolean numbers = last > 0 && categories.stream().allMatch(each -> each.matches("[0-9]{1,9}"));
    double first = numbers ? Integer.parseInt(categories.getFirst()) : 0;
    double span = numbers ? Integer.parseInt(categories.getLast()) - first : Math.max(1, last);
    double[] across = new double[categories.size()];
    for (int i = 0; i <= last; i++) {
      across[i] =
          numbers && span > 0
              ? (Integer.parseInt(categories.get(i)) - first) / span
              : (double) i / Math.max(1, last);
    }
    return across;
  }

  private double largest() {
    double largest =
        series.stream().flatMap(each -> each.values().stream()).mapToDouble(v -> v).max().orElse(0);
    return largest == 0 ? 1 : largest;
  }

  private static String rectangle(double x, double y, double width, double height, int colour) {
    return "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"/>"
        .formatted(place(x), place(y), place(width), place(height), COLOURS.get(colour));
  }

  private static String axis(double x1, double y1, double x2, double y2) {
    return "<line class=\"axis\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
        .formatted(place(x1), place(y1), place(x2), place(y2));
  }

  private static String text(double x, double y, String anchor, String text) {
    return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
        .formatted(place(x), place(y), anchor, escape(text));
  }

  private static String place(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String number(double value) {
    return String.format(
        Locale.ROOT, value >= 100 || value == Math.rint(value) ? "%.0f" : "%.1f", value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
