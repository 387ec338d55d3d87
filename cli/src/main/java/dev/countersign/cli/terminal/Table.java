package dev.countersign.cli.terminal;

import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A table as kubectl prints them: upper-case headings, columns padded with three spaces, no lines.
 * Cells are made printable; the last column is not padded.
 */
public final class Table {
  private static final String GAP = "   ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  private Table(List<String> headings) {
    this.headings = headings;
  }

  /** A table with these headings. */
  public static Table of(String... headings) {
    return new Table(List.of(headings));
  }

  /** Adds a row; it must have as many cells as there are headings. */
  public Table row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "row: got %d cells; want %d".formatted(cells.length, headings.size()));
    }
    rows.add(List.of(cells).stream().map(SafeText::line).toList());
    return this;
  }

  /** The table's lines, headings first. */
  public List<String> lines() {
    return lines((column, cell) -> cell);
  }

  /**
   * The table's lines with each padded cell of the rows passed through {@code decorate}, which gets
   * the column's index and may add colour (it must not change the visible width).
   */
  public List<String> lines(BiFunction<Integer, String, String> decorate) {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = headings.get(i).length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).codePointCount(0, row.get(i).length()));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(headings, widths, (column, cell) -> cell));
    for (List<String> row : rows) {
      lines.add(line(row, widths, decorate));
    }
    return List.copyOf(lines);
  }

  private static String line(
      List<String> cells, int[] widths, BiFunction<Integer, String, String> decorate) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      line.append(decorate.apply(i, cell));
      if (i < widths.length - 1) {
        line.append(" ".repeat(widths[i] - cell.codePointCount(0, cell.length()))).append(GAP);
      }
    }
    return line.toString();
  }
}
