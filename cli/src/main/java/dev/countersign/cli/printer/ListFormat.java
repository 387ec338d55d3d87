package dev.countersign.cli.printer;

import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a list is printed: the values of {@code -o}. */
sealed interface ListFormat {
  /** Lines for each item, to which more can be added later. */
  sealed interface Lines extends ListFormat {}

  /** A table for people, perhaps with further columns. */
  record Rows(boolean wide) implements Lines {}

  /** {@code RESOURCE/NAME}, one a line. */
  record Names() implements Lines {}

  /** Everything, for scripts. */
  record Whole(OutputFormat format) implements ListFormat {}

  /** What a template selects. */
  record Selected(Template template) implements ListFormat {}

  /** A table of chosen fields. */
  record CustomColumns(List<Chosen> columns) implements Lines {
    public CustomColumns {
      columns = List.copyOf(columns);
    }
  }

  /** A column of {@link CustomColumns}. */
  record Chosen(String heading, JsonPath path) {}

  /** Reads the value of {@code -o}. */
  final class Converter implements ITypeConverter<ListFormat> {
    /** Made by picocli. */
    Converter() {}

    @Override
    public ListFormat convert(String text) {
      int equals = text.indexOf('=');
      String name = (equals < 0 ? text : text.substring(0, equals)).toLowerCase(Locale.ROOT);
      String value = equals < 0 ? "" : text.substring(equals + 1);
      return switch (name) {
        case "table" -> new Rows(false);
        case "wide" -> new Rows(true);
        case "name" -> new Names();
        case "json" -> new Whole(OutputFormat.JSON);
        case "yaml" -> new Whole(OutputFormat.YAML);
        case "jsonpath" -> new Selected(JsonPathParser.template(given(name, value)));
        case "custom-columns" -> new CustomColumns(columns(given(name, value)));
        default ->
            throw new TypeConversionException(
                "got "
                    + SafeText.quote(text)
                    + "; want table, wide, name, json, yaml, jsonpath=TEMPLATE or"
                    + " custom-columns=HEADING:PATH,...");
      };
    }

    private static String given(String name, String value) {
      if (value.isBlank()) {
        throw new TypeConversionException(
            "got "
                + name
                + " and nothing after it; want "
                + (name.equals("jsonpath")
                    ? "jsonpath='{.items[*].metadata.name}'"
                    : "custom-columns=NAME:.metadata.name,DECISION:.decision"));
      }
      return value;
    }

    private static List<Chosen> columns(String text) {
      List<Chosen> columns = new ArrayList<>();
      for (String column : text.split(",", -1)) {
        int colon = column.indexOf(':');
        if (colon < 1 || colon == column.length() - 1) {
          throw new TypeConversionException(
              "got custom column " + SafeText.quote(column) + "; want HEADING:PATH");
        }
        columns.add(
            new Chosen(
                column.substring(0, colon), JsonPathParser.path(column.substring(colon + 1))));
      }
      return columns;
    }
  }
}
