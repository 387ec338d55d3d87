package dev.countersign.image.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.image.ImageRefusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads one object of a document and notes everything that is wrong with it. */
final class SpecReader {
  private final String path;
  private final JsonNode node;
  private final List<String> problems;
  private final Set<String> known = new HashSet<>();

  SpecReader(String path, JsonNode node, List<String> problems) {
    this.path = path;
    this.problems = problems;
    if (node.isObject()) {
      this.node = node;
    } else {
      this.node = JsonNodeFactory.instance.objectNode();
      problems.add(path + ": got " + kind(node) + "; want an object");
    }
  }

  void problem(String key, String got, String want) {
    problems.add(path + "." + key + ": got " + ImageRefusal.printable(got) + "; want " + want);
  }

  SpecReader empty() {
    return new SpecReader(path, JsonNodeFactory.instance.objectNode(), problems);
  }

  void constant(String key, String want) {
    Optional<String> got = optionalText(key);
    if (!got.equals(Optional.of(want))) {
      problem(key, got.orElse("nothing"), want);
    }
  }

  String text(String key, Pattern form, String want) {
    Optional<String> got = optionalText(key);
    if (got.isEmpty() || !form.matcher(got.get()).matches()) {
      problem(key, got.orElse("nothing"), want);
    }
    return got.orElse("");
  }

  Optional<String> optionalText(String key) {
    known.add(key);
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      problem(key, kind(value) + " " + value, "a text (in quotes where it looks like a number)");
      return Optional.empty();
    }
    return Optional.of(value.textValue());
  }

  boolean flag(String key, boolean otherwise) {
    known.add(key);
    JsonNode value = node.path(key);
    if (!value.isMissingNode() && !value.isBoolean()) {
      problem(key, value.toString(), "true or false");
    }
    return value.asBoolean(otherwise);
  }

  int number(String key, int otherwise, int least, int most) {
    known.add(key);
    JsonNode value = node.path(key);
    if (value.isMissingNode() && otherwise >= least) {
      return otherwise;
    }
    if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
      problem(
          key,
          value.isMissingNode() ? "nothing" : value.toString(),
          "a number from " + least + " to " + most);
      return least;
    }
    return value.intValue();
  }

  List<String> texts(String key) {
    known.add(key);
    JsonNode value = node.path(key);
    var all = new ArrayList<String>();
    if (value.isMissingNode() || value.isNull()) {
      return all;
    }
    if (!value.isArray()) {
      problem(key, kind(value), "a list of texts");
      return all;
    }
    for (JsonNode each : value) {
      if (each.isTextual()) {
        all.add(each.textValue());
      } else {
        problem(key, kind(each) + " " + each, "texts");
      }
    }
    return List.copyOf(all);
  }

  SortedMap<String, String> textMap(String key) {
    known.add(key);
    JsonNode value = node.path(key);
    var all = new TreeMap<String, String>();
    if (!value.isMissingNode() && !value.isNull() && !value.isObject()) {
      problem(key, kind(value), "an object of texts");
      return all;
    }
    for (var each : value.properties()) {
      if (each.getValue().isTextual()) {
        all.put(each.getKey(), each.getValue().textValue());
      } else {
        problem(key + "." + each.getKey(), each.getValue().toString(), "a text");
      }
    }
    return all;
  }

  Optional<SpecReader> object(String key) {
    known.add(key);
    JsonNode value = node.path(key);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Optional.of(new SpecReader(path + "." + key, value, problems));
  }

  List<SpecReader> objects(String key) {
    known.add(key);
    JsonNode value = node.path(key);
    var all = new ArrayList<SpecReader>();
    if (value.isMissingNode() || value.isNull()) {
      return all;
    }
    if (!value.isArray()) {
      problem(key, kind(value), "a list of objects");
      return all;
    }
    for (JsonNode each : value) {
      all.add(new SpecReader(path + "." + key + "[" + all.size() + "]", each, problems));
    }
    return all;
  }

  /** Notes keys nobody asked for: a misspelt one must not be ignored. */
  void end() {
    for (var each : node.properties()) {
      if (!known.contains(each.getKey())) {
        problems.add(
            path
                + ": got key "
                + ImageRefusal.printable(each.getKey())
                + "; want one of "
                + known.stream().sorted().toList());
      }
    }
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "a text";
      case NUMBER -> "the number";
      case BOOLEAN -> "the flag";
      case NULL, MISSING -> "nothing";
      case BINARY, POJO -> "something else";
    };
  }
}
