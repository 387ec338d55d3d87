package dev.countersign.cli.printer;

import java.util.List;

/**
 * A template of {@code -o jsonpath=}: texts, and expressions in braces.
 *
 * @param parts in their order
 */
record Template(List<Part> parts) {
  Template {
    parts = List.copyOf(parts);
  }

  /** One part. */
  sealed interface Part {}

  /** What is printed as it is. */
  record Text(String text) implements Part {}

  /** The values of a path, with a space between them. */
  record Values(JsonPath path) implements Part {}

  /** Other parts, once for each value of a path. */
  record Range(JsonPath over, List<Part> parts) implements Part {
    public Range {
      parts = List.copyOf(parts);
    }
  }

  /** What is to be printed of a document. */
  String print(Object document) {
    StringBuilder out = new StringBuilder();
    print(parts, document, out);
    return out.toString();
  }

  private static void print(List<Part> parts, Object document, StringBuilder out) {
    for (Part part : parts) {
      switch (part) {
        case Text(String text) -> out.append(text);
        case Values(JsonPath path) -> out.append(JsonPath.print(path.values(document), " "));
        case Range(JsonPath over, List<Part> inside) ->
            over.values(document).forEach(value -> print(inside, value, out));
      }
    }
  }
}
