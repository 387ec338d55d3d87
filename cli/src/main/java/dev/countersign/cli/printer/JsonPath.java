package dev.countersign.cli.printer;

import dev.countersign.cli.terminal.Document;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A path to values within a document of maps and lists: fields, indices (negative ones count from
 * the end) and wildcards.
 *
 * @param steps from the document to the values
 * @see <a href="https://kubernetes.io/docs/reference/kubectl/jsonpath/">JSONPath Support</a>
 */
record JsonPath(List<Step> steps) {
  JsonPath {
    steps = List.copyOf(steps);
  }

  /** One step of a path. */
  sealed interface Step {
    /** {@code .name} or {@code ['name']}. */
    record Field(String name) implements Step {}

    /** {@code [0]}, {@code [-1]}. */
    record Index(int at) implements Step {}

    /** {@code [*]} or {@code .*}. */
    record All() implements Step {}
  }

  /** The values that the path leads to; none where a field is missing. */
  List<Object> values(Object document) {
    List<Object> values = List.of(document);
    for (Step step : steps) {
      List<Object> next = new ArrayList<>();
      for (Object value : values) {
        take(step, value, next);
      }
      values = next;
    }
    return values;
  }

  private static void take(Step step, Object value, List<Object> next) {
    switch (step) {
      case Step.Field(String name) -> {
        if (value instanceof Map<?, ?> map) {
          Optional.ofNullable((Object) map.get(name)).ifPresent(next::add);
        }
      }
      case Step.Index(int at) -> {
        if (value instanceof List<?> list) {
          int index = at < 0 ? list.size() + at : at;
          if (index >= 0 && index < list.size()) {
            next.add(list.get(index));
          }
        }
      }
      case Step.All() -> {
        switch (value) {
          case List<?> list -> next.addAll(list);
          case Map<?, ?> map -> next.addAll(map.values());
          default -> {}
        }
      }
    }
  }

  /** The values as kubectl prints them: texts as they are, on one line; maps and lists as JSON. */
  static String print(List<Object> values, String separator) {
    return values.stream().map(JsonPath::print).collect(Collectors.joining(separator));
  }

  private static String print(Object value) {
    return value instanceof Map<?, ?> || value instanceof List<?>
        ? Document.compact(value)
        : SafeText.line(value.toString());
  }
}
