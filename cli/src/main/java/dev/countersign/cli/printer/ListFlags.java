package dev.countersign.cli.printer;

import dev.countersign.cli.printer.ListFormat.Rows;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** How a list is printed, spelled as {@code kubectl get} spells it; a mixin. */
public final class ListFlags {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = ListFormat.Converter.class,
      description =
          "table, wide, name, json, yaml, jsonpath=TEMPLATE or custom-columns=HEADING:PATH,... Of"
              + " kubectl's JSONPath there are fields, indices, [*], {range} and {\"text\"}."
              + " Default: table.")
  private ListFormat format = new Rows(false);

  @Option(names = "--no-headers", description = "Print no headings.")
  private boolean noHeaders;

  @Option(
      names = "--sort-by",
      paramLabel = "PATH",
      converter = Sorting.class,
      description = "Sort by a field of -o json, such as .metadata.creationTimestamp.")
  private @Nullable JsonPath sortBy;

  /** Made by picocli. */
  public ListFlags() {}

  /** Reads a path to sort by. */
  static final class Sorting implements ITypeConverter<JsonPath> {
    /** Made by picocli. */
    Sorting() {}

    @Override
    public JsonPath convert(String text) {
      return JsonPathParser.path(text);
    }
  }

  /** Whether the list is a table for people. */
  public boolean isTable() {
    return format instanceof Rows;
  }

  ListFormat format() {
    return format;
  }

  boolean noHeaders() {
    return noHeaders;
  }

  Optional<JsonPath> sortBy() {
    return Optional.ofNullable(sortBy);
  }
}
