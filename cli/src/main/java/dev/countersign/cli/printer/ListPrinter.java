package dev.countersign.cli.printer;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.text.SafeText;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints a list, and what is added to it later, in the format that was asked for. */
public final class ListPrinter {
  private final Console console;
  private final ListFlags options;
  private final List<Column> columns;
  private @Nullable Table before;

  /**
   * A column of the table.
   *
   * @param heading in capitals
   * @param wide whether {@code -o wide} alone shows it
   * @param style of a cell
   */
  public record Column(String heading, boolean wide, Function<String, Optional<Style>> style) {
    /** One that is always shown, as it is. */
    public static Column of(String heading) {
      return new Column(heading, false, _ -> Optional.empty());
    }

    /** The same in a style that depends on the cell. */
    public Column in(Function<String, Optional<Style>> other) {
      return new Column(heading, wide, other);
    }

    /** The same for {@code -o wide} only. */
    public Column onlyWide() {
      return new Column(heading, true, style);
    }
  }

  /**
   * For a list.
   *
   * @param columns as many as an item has cells, those of {@code -o wide} last
   */
  public ListPrinter(Console console, ListFlags options, Column... columns) {
    this.console = console;
    this.options = options;
    this.columns = List.of(columns);
  }

  /** Prints the list. */
  public void print(List<ListItem> items) {
    List<ListItem> sorted = sorted(items);
    switch (options.format()) {
      case ListFormat.Whole(OutputFormat format) ->
          Document.printItems(console, format, sorted.stream().map(ListItem::document).toList());
      case ListFormat.Selected(Template template) ->
          console
              .out()
              .print(
                  template.print(Document.list(sorted.stream().map(ListItem::document).toList())));
      case ListFormat.Lines lines -> print(lines, sorted);
    }
    console.out().flush();
  }

  /** Prints items one by one as they come or change, in order: there is no list around them. */
  public void more(List<ListItem> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<ListItem> items = sorted(batch);
    switch (options.format()) {
      case ListFormat.Whole(OutputFormat format) -> items.forEach(item -> document(format, item));
      case ListFormat.Selected(Template template) ->
          items.forEach(item -> console.out().print(template.print(item.document())));
      case ListFormat.Lines lines -> print(lines, items);
    }
    console.out().flush();
  }

  private List<ListItem> sorted(List<ListItem> items) {
    return options.sortBy().map(path -> items.stream().sorted(by(path)).toList()).orElse(items);
  }

  private void document(OutputFormat format, ListItem item) {
    if (format == OutputFormat.YAML) {
      console.out().println("---");
    }
    Document.print(console, format, item.document());
  }

  private void print(ListFormat.Lines lines, List<ListItem> items) {
    switch (lines) {
      case ListFormat.Names _ ->
          items.forEach(item -> console.out().println(SafeText.line(item.name())));
      case ListFormat.CustomColumns(List<ListFormat.Chosen> chosen) -> {
        Table table = table(chosen.stream().map(ListFormat.Chosen::heading));
        for (ListItem item : items) {
          table.row(chosen.stream().map(column -> cell(column, item)).toArray(String[]::new));
        }
        print(table);
      }
      case ListFormat.Rows(boolean wide) -> {
        List<Column> shown = columns.stream().filter(column -> wide || !column.wide()).toList();
        Table table = table(shown.stream().map(Column::heading));
        for (int i = 0; i < shown.size(); i++) {
          table.style(i, shown.get(i).style());
        }
        for (ListItem item : items) {
          table.row(item.cells().subList(0, shown.size()).toArray(String[]::new));
        }
        print(table);
      }
    }
  }

  private Table table(Stream<String> columns) {
    String[] headings = columns.toArray(String[]::new);
    Table printed = before;
    if (printed != null) {
      return Table.withoutHeadings(headings).alignedWith(printed);
    }
    return options.noHeaders() ? Table.withoutHeadings(headings) : Table.of(headings);
  }

  private void print(Table table) {
    table.print(console);
    before = table;
  }

  private static String cell(ListFormat.Chosen column, ListItem item) {
    List<Object> values = column.path().values(item.document());
    return values.isEmpty() ? "<none>" : JsonPath.print(values, ",");
  }

  /** By the first value; items without one come first, numbers count as numbers. */
  private static Comparator<ListItem> by(JsonPath path) {
    return Comparator.comparing(
        item -> path.values(item.document()).stream().findFirst(),
        (left, right) ->
            left.isEmpty() || right.isEmpty()
                ? Boolean.compare(left.isPresent(), right.isPresent())
                : compare(left.get(), right.get()));
  }

  private static int compare(Object left, Object right) {
    return left instanceof Number && right instanceof Number
        ? new BigDecimal(left.toString()).compareTo(new BigDecimal(right.toString()))
        : left.toString().compareTo(right.toString());
  }
}
