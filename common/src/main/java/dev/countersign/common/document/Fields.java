package dev.countersign.common.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.Suggestion;
import dev.countersign.common.time.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The fields of one object in a file. Every field that is asked for is known; {@link #end()}
 * reports the others. Errors are collected, never thrown. Not safe for use by several threads.
 */
public final class Fields {
  private final String path;
  private final Optional<JsonNode> object;
  private final List<FileError> errors;
  private final Set<String> known = new TreeSet<>();

  private Fields(String path, Optional<JsonNode> object, List<FileError> errors) {
    this.path = path;
    this.object = object;
    this.errors = errors;
  }

  /** The object at a path; something else there is an error, and counts as empty. */
  public static Fields of(String path, JsonNode node, List<FileError> errors) {
    if (!node.isObject()) {
      errors.add(
          new FileError(path.isEmpty() ? "file" : path, show(node), "fields", Optional.empty()));
      return new Fields(path, Optional.empty(), errors);
    }
    return new Fields(path, Optional.of(node), errors);
  }

  /** Where a field is. */
  public String at(String name) {
    String shown = name.isEmpty() ? "\"\"" : name;
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /** Whether the field is there. */
  public boolean has(String name) {
    return node(name).isPresent();
  }

  /** Reports an error of a field. */
  public void wrong(String name, String got, String want) {
    errors.add(new FileError(at(name), got, want, Optional.empty()));
  }

  private Optional<JsonNode> node(String name) {
    known.add(name);
    return object
        .map(found -> found.get(name))
        .filter(found -> !found.isNull() && !(found.isTextual() && found.textValue().isEmpty()));
  }

  /** An object, empty where it is left out. */
  public Fields child(String name) {
    Optional<JsonNode> found = node(name);
    return found
        .map(node -> of(at(name), node, errors))
        .orElseGet(() -> new Fields(at(name), Optional.empty(), errors));
  }

  /** Objects in a list. */
  public List<Fields> children(String name) {
    List<Fields> children = new ArrayList<>();
    items(name, "a list of objects")
        .forEach(item -> children.add(of(at(name) + "[" + children.size() + "]", item, errors)));
    return children;
  }

  private List<JsonNode> items(String name, String want) {
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return List.of();
    }
    if (!found.get().isArray()) {
      wrong(name, show(found.get()), want);
      return List.of();
    }
    List<JsonNode> items = new ArrayList<>();
    found.get().forEach(items::add);
    return items;
  }

  /** A text that must be there. */
  public String required(String name, String want) {
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      if (object.isPresent()) {
        wrong(name, "nothing", want);
      }
      return "";
    }
    return text(name, want).orElse("");
  }

  /** A text. */
  public Optional<String> text(String name, String want) {
    return parsed(name, want, Optional::of);
  }

  /** A text that is read further. */
  public <T> Optional<T> parsed(String name, String want, Function<String, Optional<T>> parse) {
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> value =
        found.get().isTextual() ? parse.apply(found.get().textValue()) : Optional.empty();
    if (value.isEmpty()) {
      wrong(name, show(found.get()), want);
    }
    return value;
  }

  /** A number without fraction within bounds. */
  public Optional<Integer> number(String name, int least, int most) {
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    JsonNode node = found.get();
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      wrong(name, show(node), "a whole number from " + least + " to " + most);
      return Optional.empty();
    }
    return Optional.of(node.intValue());
  }

  /** True or false. */
  public Optional<Boolean> truth(String name) {
    Optional<JsonNode> found = node(name);
    if (found.isPresent() && !found.get().isBoolean()) {
      wrong(name, show(found.get()), "true or false");
      return Optional.empty();
    }
    return found.map(JsonNode::booleanValue);
  }

  /** A duration such as 90s, 1h30m, 365d. */
  public Optional<Duration> duration(String name) {
    return parsed(name, "a duration such as 500ms, 90s, 10m, 1h30m or 365d", Durations::parse);
  }

  /** One of a few words. */
  public <T> Optional<T> choice(String name, List<T> values, Function<T, String> text) {
    List<String> words = values.stream().map(text).toList();
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    // YAML 1.1 reads the bare word Off as false.
    String word =
        found.get().isBoolean()
            ? words.stream()
                .filter(w -> w.equals(found.get().booleanValue() ? "On" : "Off"))
                .findFirst()
                .orElse("")
            : found.get().isTextual() ? found.get().textValue() : "";
    int index = words.indexOf(word);
    if (index < 0) {
      errors.add(
          new FileError(
              at(name), show(found.get()), "one of " + words, Suggestion.nearest(word, words)));
      return Optional.empty();
    }
    return Optional.of(values.get(index));
  }

  /** A list of texts, each read further; empty where the field is left out. */
  public <T> Optional<List<T>> list(String name, String want, Function<String, Optional<T>> parse) {
    if (!has(name)) {
      return Optional.empty();
    }
    List<T> values = new ArrayList<>();
    int index = 0;
    for (JsonNode item : items(name, "a list of " + want)) {
      Optional<T> value = item.isTextual() ? parse.apply(item.textValue()) : Optional.empty();
      if (value.isEmpty()) {
        wrong(name + "[" + index + "]", show(item), want);
      }
      value.ifPresent(values::add);
      index++;
    }
    return Optional.of(values);
  }

  /** The names of all fields, for objects whose field names are data. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    object.ifPresent(found -> found.fieldNames().forEachRemaining(names::add));
    return names;
  }

  /** Reports every field nobody asked for. */
  public void end() {
    for (String name : names()) {
      if (!known.contains(name)) {
        errors.add(
            new FileError(
                at(name),
                "a field that is not known",
                known.isEmpty() ? "no fields" : "one of " + known,
                Suggestion.nearest(name, known)));
      }
    }
  }

  private static String show(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> SafeText.quote(node.textValue());
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case NULL, MISSING -> "nothing";
      case BOOLEAN, NUMBER, BINARY, POJO -> node.asText();
    };
  }
}
