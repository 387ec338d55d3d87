package dev.countersign.bench;

import dev.countersign.bench.Plot.Kind;
import dev.countersign.bench.Plot.Series;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which plots a page of results has. They are drawn from the first table of the page, so that page
 * and plot cannot say different things.
 */
public final class ResultPlots {
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");

  /**
   * One plot.
   *
   * @param name added to the page's name
   * @param columns those of the table that are plotted; the first one names the categories
   */
  private record Recipe(String name, String title, String unit, Kind kind, List<Integer> columns) {}

  private static final Map<String, List<Recipe>> RECIPES =
      Map.of(
          "growth",
          List.of(
              new Recipe(
                  "start", "Start to first decision, by Nodes", "ms", Kind.LINES, List.of(1)),
              new Recipe("resident", "Resident memory, by Nodes", "MiB", Kind.LINES, List.of(4))),
          "latency",
          List.of(new Recipe("", "From create to approved", "ms", Kind.BARS, List.of(1, 2, 3))),
          "ownership",
          List.of(
              new Recipe(
                  "", "From a Node's creation to approved", "ms", Kind.BARS, List.of(1, 2, 3))),
          "peers",
          List.of(
              new Recipe("rates", "Requests approved a second", "", Kind.BARS, List.of(1, 2)),
              new Recipe("latency", "From create to approved", "ms", Kind.BARS, List.of(3, 4))));

  private ResultPlots() {}

  /** The plots of a page, by file name; none for a page that has no curve to show. */
  public static Map<String, String> of(String page, List<String> lines) {
    List<List<String>> table = table(lines);
    Map<String, String> plots = new TreeMap<>();
    for (Recipe recipe : RECIPES.getOrDefault(page, List.of())) {
      List<List<String>> rows = table.subList(1, table.size());
      List<Series> series = new ArrayList<>();
      for (int column : recipe.columns()) {
        series.add(
            new Series(
                table.getFirst().get(column),
                rows.stream().map(row -> number(row.get(column))).toList()));
      }
      Plot plot =
          new Plot(
              recipe.title(),
              recipe.unit(),
              recipe.kind(),
              rows.stream().map(List::getFirst).toList(),
              series);
      plots.put(fileName(page, recipe), plot.toSvg());
    }
    return plots;
  }

  /** The lines by which a page shows its plots. */
  public static List<String> links(String page) {
    List<String> lines = new ArrayList<>();
    for (Recipe recipe : RECIPES.getOrDefault(page, List.of())) {
      lines.add("");
      lines.add("![%s](%s)".formatted(recipe.title(), fileName(page, recipe)));
    }
    return lines;
  }

  /** Writes a page's plots beside it. */
  public static void write(Path page) throws IOException {
    String file = String.valueOf(page.getFileName());
    String name = file.substring(0, file.length() - ".md".length());
    for (Map.Entry<String, String> plot : of(name, Files.readAllLines(page)).entrySet()) {
      Files.writeString(
          page.resolveSibling(plot.getKey()), plot.getValue(), StandardCharsets.UTF_8);
    }
  }

  private static String fileName(String page, Recipe recipe) {
    return page + (recipe.name().isEmpty() ? "" : "-" + recipe.name()) + ".svg";
  }

  /** The cells of the first table, its heading first. */
  private static List<List<String>> table(List<String> lines) {
    List<List<String>> rows = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("|")) {
        List<String> cells = List.of(line.substring(1).strip().split("\\|", -1));
        rows.add(cells.subList(0, cells.size() - 1).stream().map(String::strip).toList());
      } else if (!rows.isEmpty()) {
        break;
      }
    }
    if (rows.size() > 1) {
      rows.remove(1);
    }
    return rows;
  }

  private static double number(String cell) {
    Matcher number = NUMBER.matcher(cell);
    if (!number.find()) {
      throw new IllegalArgumentException("got \"" + cell + "\"; want a number");
    }
    return Double.parseDouble(number.group());
  }
}
