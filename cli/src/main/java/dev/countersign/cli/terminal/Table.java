package dev.countersign.cli.terminal;

import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * A table as kubectl prints them: upper-case headings, columns padded with three spaces, no lines.
 * Cells are made printable; the last column is not padded. On a terminal that is too narrow, cells
 * are wrapped within their columns; where that leaves no room to read them, each row becomes a
 * block of {@code HEADING: cell}.
 */
public final class Table {
  private static final String GAP = "   ";

  /** A cell above this is prose, which is not to be read in less than {@link #LEAST_PROSE}. */
  private static final int PROSE = 60;

  private static final int LEAST_PROSE = 24;

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();
  private final Map<Integer, Function<String, Optional<Style>>> styles = new HashMap<>();
  private final boolean showHeadings;

  /** The width of the widest cell of each column. */
  private final int[] natural;

  private Table(List<String> headings, boolean showHeadings) {
    this.headings = headings;
    this.showHeadings = showHeadings;
    this.natural = new int[headings.size()];
    if (showHeadings) {
      widen(headings);
    }
  }

  /** A table with these headings. */
  public static Table of(String... headings) {
    return new Table(List.of(headings), true);
  }

  /** One that prints no headings, except in blocks. */
  public static Table withoutHeadings(String... headings) {
    return new Table(List.of(headings), false);
  }

  /** Adds a row; it must have as many cells as there are headings. */
  public Table row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "row: got %d cells; want %d".formatted(cells.length, headings.size()));
    }
    List<String> row = Stream.of(cells).map(SafeText::line).toList();
    rows.add(row);
    widen(row);
    return this;
  }

  private void widen(List<String> cells) {
    for (int i = 0; i < natural.length; i++) {
      natural[i] = Math.max(natural[i], WordWrap.width(cells.get(i)));
    }
  }

  /** Shows the cells of a column in a style that depends on their text. */
  public Table style(int column, Function<String, Optional<Style>> style) {
    styles.put(column, style);
    return this;
  }

  /** Makes the columns at least as wide as those of a table that was printed before. */
  public Table alignedWith(Table before) {
    for (int i = 0; i < natural.length; i++) {
      natural[i] = Math.max(natural[i], before.natural[i]);
    }
    return this;
  }

  /** Prints it on standard output: wrapped and with colour on a terminal only. */
  public void print(Console console) {
    int width = console.outTerminal() ? console.columns() : Integer.MAX_VALUE;
    lines(width, console::outStyled).forEach(console.out()::println);
    console.out().flush();
  }

  /** The table's lines, headings first, as wide as they are. */
  public List<String> lines() {
    return lines(Integer.MAX_VALUE);
  }

  /** The same within a width in characters. */
  public List<String> lines(int width) {
    return lines(width, (_, text) -> text);
  }

  private List<String> lines(int width, BiFunction<Style, String, String> styled) {
    Optional<int[]> widths = fit(width);
    List<String> lines = new ArrayList<>();
    if (widths.isEmpty()) {
      for (List<String> row : rows) {
        addBlock(lines, row, width, styled);
      }
      return lines;
    }
    if (showHeadings) {
      addRow(lines, headings, widths.get(), (_, text) -> text);
    }
    for (List<String> row : rows) {
      addRow(lines, row, widths.get(), styled);
    }
    return lines;
  }

  private int[] widths(ToIntFunction<String> measure) {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = showHeadings ? measure.applyAsInt(headings.get(i)) : 0;
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], measure.applyAsInt(row.get(i)));
      }
    }
    return widths;
  }

  /** The columns' widths; empty where they would be too narrow to be read. */
  private Optional<int[]> fit(int width) {
    int room = width - GAP.length() * (natural.length - 1);
    int[] widths = natural.clone();
    int[] pieces = widths(WordWrap::longestPiece);
    // A name that is in one piece can be copied.
    int[] wholeNames = pieces.clone();
    wholeNames[0] = natural[0];
    if (!shrink(widths, widths(WordWrap::longestWord), room)
        && !shrink(widths, wholeNames, room)
        && !shrink(widths, pieces, room)) {
      return Optional.empty();
    }
    for (int i = 0; i < widths.length; i++) {
      if (natural[i] > PROSE && widths[i] < LEAST_PROSE) {
        return Optional.empty();
      }
    }
    return Optional.of(widths);
  }

  /** Narrows the widest columns, none below its least; tells whether they fit into the room. */
  private static boolean shrink(int[] widths, int[] least, int room) {
    long excess = -room;
    for (int width : widths) {
      excess += width;
    }
    for (; excess > 0; excess--) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        if (widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        return false;
      }
      widths[widest]--;
    }
    return true;
  }

  private void addRow(
      List<String> lines,
      List<String> cells,
      int[] widths,
      BiFunction<Style, String, String> styled) {
    List<List<String>> wrapped = new ArrayList<>();
    int height = 1;
    for (int i = 0; i < widths.length; i++) {
      List<String> cell = WordWrap.wrap(cells.get(i), Math.max(1, widths[i]));
      wrapped.add(cell);
      height = Math.max(height, cell.size());
    }
    for (int at = 0; at < height; at++) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String part = at < wrapped.get(i).size() ? wrapped.get(i).get(at) : "";
        line.append(inStyle(i, cells.get(i), part, styled));
        if (i < widths.length - 1) {
          line.append(" ".repeat(widths[i] - WordWrap.width(part))).append(GAP);
        }
      }
      lines.add(at == 0 ? line.toString() : line.toString().stripTrailing());
    }
  }

  private void addBlock(
      List<String> lines, List<String> cells, int width, BiFunction<Style, String, String> styled) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    int label =
        2 + Collections.max(headings.stream().map(heading -> WordWrap.width(heading)).toList());
    for (int i = 0; i < headings.size(); i++) {
      String before = headings.get(i) + ":";
      for (String part : WordWrap.wrap(cells.get(i), Math.max(1, width - label))) {
        lines.add(
            before
                + " ".repeat(label - WordWrap.width(before))
                + inStyle(i, cells.get(i), part, styled));
        before = "";
      }
    }
  }

  private String inStyle(
      int column, String cell, String part, BiFunction<Style, String, String> styled) {
    Optional<Style> style =
        Optional.ofNullable(styles.get(column)).flatMap(chosen -> chosen.apply(cell));
    return style.isEmpty() || part.isEmpty() ? part : styled.apply(style.get(), part);
  }
}
