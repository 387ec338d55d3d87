package dev.countersign.render.spec;

import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The fields of one mapping: each is asked for once, and what nobody asked for is unknown.
 *
 * <p>Problems go to a list shared with the readers of nested mappings.
 */
final class FieldReader {
  private final String path;
  private final OptionalInt line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();
  private final List<SpecProblem> problems;

  /** A scalar and where it stands. */
  record Scalar(String text, String path, OptionalInt line, boolean quoted) {}

  private FieldReader(String path, OptionalInt line, List<SpecProblem> problems) {
    this.path = path;
    this.line = line;
    this.problems = problems;
  }

  static FieldReader of(Node node, String path, List<SpecProblem> problems) {
    FieldReader reader = new FieldReader(path, lineOf(node), problems);
    if (!(node instanceof MappingNode mapping)) {
      if (!isNull(node)) {
        reader.problem(node, path, describe(node), "a mapping of fields", Optional.empty());
      }
      return reader;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode name)) {
        reader.problem(key, path, describe(key), "a field name", Optional.empty());
        continue;
      }
      if (reader.values.putIfAbsent(name.getValue(), tuple.getValueNode()) != null) {
        reader.problem(
            key,
            reader.child(name.getValue()),
            "the field a second time",
            "each field once",
            Optional.of("the first one is in line " + reader.lines.get(name.getValue())));
      } else {
        reader.lines.put(name.getValue(), name.getStartMark().getLine() + 1);
      }
    }
    return reader;
  }

  static FieldReader absent(String path, List<SpecProblem> problems) {
    return new FieldReader(path, OptionalInt.empty(), problems);
  }

  String child(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  OptionalInt line() {
    return line;
  }

  String path() {
    return path;
  }

  boolean has(String key) {
    return node(key).isPresent();
  }

  OptionalInt lineOf(String key) {
    return lines.containsKey(key) ? OptionalInt.of(lines.get(key)) : line;
  }

  private Optional<Node> node(String key) {
    known.add(key);
    return Optional.ofNullable(values.get(key)).filter(node -> !isNull(node));
  }

  /** The fields of a nested mapping; no fields where it is absent. */
  FieldReader mapping(String key) {
    return node(key)
        .map(node -> of(node, child(key), problems))
        .orElseGet(() -> absent(child(key), problems));
  }

  Optional<Scalar> scalar(String key) {
    return node(key).flatMap(node -> scalar(node, child(key)));
  }

  private Optional<Scalar> scalar(Node node, String at) {
    if (node instanceof ScalarNode scalar) {
      return Optional.of(
          new Scalar(
              scalar.getValue(),
              at,
              lineOf(node),
              scalar.getScalarStyle() != org.yaml.snakeyaml.DumperOptions.ScalarStyle.PLAIN));
    }
    problem(node, at, describe(node), "one value", Optional.empty());
    return Optional.empty();
  }

  /** The values of a list; nothing where it is absent. */
  List<Scalar> scalars(String key) {
    List<Scalar> result = new ArrayList<>();
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return result;
    }
    if (!(node.get() instanceof SequenceNode sequence)) {
      problem(node.get(), child(key), describe(node.get()), "a list", Optional.empty());
      return result;
    }
    for (int i = 0; i < sequence.getValue().size(); i++) {
      scalar(sequence.getValue().get(i), child(key) + "[" + i + "]").ifPresent(result::add);
    }
    return result;
  }

  /** One value or a list of values. */
  List<Scalar> scalarOrScalars(String key) {
    return node(key).orElse(null) instanceof ScalarNode
        ? scalar(key).stream().toList()
        : scalars(key);
  }

  /** The mappings of a list; nothing where it is absent. */
  List<FieldReader> mappings(String key) {
    List<FieldReader> result = new ArrayList<>();
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return result;
    }
    if (!(node.get() instanceof SequenceNode sequence)) {
      problem(node.get(), child(key), describe(node.get()), "a list", Optional.empty());
      return result;
    }
    for (int i = 0; i < sequence.getValue().size(); i++) {
      result.add(of(sequence.getValue().get(i), child(key) + "[" + i + "]", problems));
    }
    return result;
  }

  /** Reports every field that nobody asked for. */
  void refuseUnknown() {
    values.forEach(
        (key, node) -> {
          if (!known.contains(key)) {
            problems.add(
                new SpecProblem(
                    lineOf(key),
                    child(SafeText.plain(key)),
                    "an unknown field",
                    "one of " + String.join(", ", known),
                    Suggestion.nearest(key, known).map(near -> "did you mean " + near + "?")));
          }
        });
  }

  void missing(String key, String want) {
    known.add(key);
    problems.add(new SpecProblem(line, child(key), "nothing", want, Optional.empty()));
  }

  void problem(Scalar at, String want) {
    problem(at, want, Optional.empty());
  }

  void problem(Scalar at, String want, Optional<String> next) {
    problems.add(new SpecProblem(at.line(), at.path(), SafeText.quote(at.text()), want, next));
  }

  void problem(String key, String got, String want) {
    problems.add(new SpecProblem(lineOf(key), child(key), got, want, Optional.empty()));
  }

  private void problem(Node node, String at, String got, String want, Optional<String> next) {
    problems.add(new SpecProblem(lineOf(node), at, got, want, next));
  }

  private static boolean isNull(Node node) {
    return Tag.NULL.equals(node.getTag());
  }

  private static OptionalInt lineOf(Node node) {
    return OptionalInt.of(node.getStartMark().getLine() + 1);
  }

  private static String describe(Node node) {
    return switch (node) {
      case ScalarNode scalar -> SafeText.quote(scalar.getValue());
      case SequenceNode sequence -> "a list of " + sequence.getValue().size();
      case MappingNode mapping -> "a mapping of " + mapping.getValue().size();
      default -> "a " + node.getNodeId();
    };
  }
}
