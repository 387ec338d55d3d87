package dev.countersign.common.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The fields of one object in a file. Every field that is asked for is known; {@link #end()}
 * reports the others. Errors are collected, never thrown. A field that is null or an empty text
 * counts as left out. Not safe for use by several threads.
 */
public final class Fields {
  private final String path;
  private final Optional<JsonNode> object;
  private final List<ParseError> errors;
  private final Set<String> known = new TreeSet<>();

  private Fields(String path, Optional<JsonNode> object, List<ParseError> errors) {
    this.path = path;
    this.object = object;
    this.errors = errors;
  }

  /**
   * Reads the one document of a text: YAML, or JSON, which is YAML. What {@code read} does not ask
   * for must not be there. Errors have their lines and come in the order of the text.
   *
   * @param longest the most characters that are read
   * @param read returns nothing only where it reports an error
   */
  public static <T> ParseResult<T> read(
      String text, int longest, Function<Fields, Optional<T>> read) {
    return Documents.one(text, longest).then(document -> read(document, text, read));
  }

  /** Reads a document that was parsed before; errors have their lines in its text. */
  public static <T> ParseResult<T> read(
      JsonNode document, String text, Function<Fields, Optional<T>> read) {
    return switch (read(document, read)) {
      case ParseResult.Parsed<T> parsed -> parsed;
      case ParseResult.Refused<T>(List<ParseError> errors) ->
          new ParseResult.Refused<>(Documents.located(errors, text));
    };
  }

  /** Reads an object of a document that was parsed before. */
  public static <T> ParseResult<T> read(JsonNode document, Function<Fields, Optional<T>> read) {
    List<ParseError> errors = new ArrayList<>();
    Fields fields = of("", document, errors);
    Optional<T> value = read.apply(fields);
    fields.end();
    return errors.isEmpty()
        ? ParseResult.parsed(value.orElseThrow())
        : new ParseResult.Refused<>(errors);
  }

  private static Fields of(String path, JsonNode node, List<ParseError> errors) {
    if (!node.isObject()) {
      errors.add(new ParseError(path.isEmpty() ? "file" : path, Shown.value(node), "fields"));
      return new Fields(path, Optional.empty(), errors);
    }
    return new Fields(path, Optional.of(node), errors);
  }

  /** Returns where a field is. */
  public String at(String name) {
    return below(path, name);
  }

  /** Returns the path of a field of what is at another path. */
  static String below(String path, String name) {
    String shown = name.isEmpty() ? "\"\"" : name;
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /** Returns whether the field is there. */
  public boolean has(String name) {
    return node(name).isPresent();
  }

  /** Returns how many errors the file has up to here. */
  public int errorCount() {
    return errors.size();
  }

  /** Reports an error of a field. */
  public void wrong(String name, String got, String want) {
    errors.add(new ParseError(at(name), got, want));
  }

  /** Reports an error of a field, and says what to do about it. */
  public void wrong(String name, String got, String want, String next) {
    wrong(name, got, want, Optional.of(next));
  }

  /** Reports an error, also one of an option that stands for a field. */
  public void report(ParseError error) {
    errors.add(error);
  }

  private void wrong(String name, String got, String want, Optional<String> next) {
    errors.add(new ParseError(at(name), OptionalInt.empty(), got, want, next));
  }

  /** Reports a field that is left out and must be there. */
  public void missing(String name, String want) {
    if (object.isPresent()) {
      wrong(name, "nothing", want);
    }
  }

  private Optional<JsonNode> node(String name) {
    known.add(name);
    return object
        .map(found -> found.get(name))
        .filter(found -> !found.isNull() && !(found.isTextual() && found.textValue().isEmpty()));
  }

  /** Returns an object, empty where it is left out. */
  public Fields child(String name) {
    Optional<JsonNode> found = node(name);
    return found
        .map(node -> of(at(name), node, errors))
        .orElseGet(() -> new Fields(at(name), Optional.empty(), errors));
  }

  /** Returns the objects of a list. */
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
      wrong(name, Shown.value(found.get()), want);
      return List.of();
    }
    return found.get().valueStream().toList();
  }

  /** Reads a field that must have one value: {@code kind: ApprovalPolicy}. */
  public void constant(String name, String value) {
    String found = required(name, value);
    if (!found.isEmpty() && !found.equals(value)) {
      wrong(name, SafeText.quote(found), value);
    }
  }

  /** Reads a text that must be there; an empty one stands for one that is not. */
  public String required(String name, String want) {
    return required(name, want, Optional::of).orElse("");
  }

  /** Reads a text that must be there, and reads it further. */
  public <T> Optional<T> required(String name, String want, Function<String, Optional<T>> parse) {
    if (!has(name)) {
      missing(name, want);
    }
    return parsed(name, want, parse);
  }

  /** Reads a text. */
  public Optional<String> text(String name, String want) {
    return parsed(name, want, Optional::of);
  }

  /** Reads a text further. */
  public <T> Optional<T> parsed(String name, String want, Function<String, Optional<T>> parse) {
    return parsed(name, text -> result(parse.apply(text), want));
  }

  /**
   * Reads a text further.
   *
   * @param parse whose errors say what is wanted and what to do; what was got is the text
   */
  public <T> Optional<T> parsed(String name, Function<String, ParseResult<T>> parse) {
    return node(name).flatMap(node -> item(name, node, parse));
  }

  /** Returns a reader of texts of a form, {@link java.util.regex.Pattern#asMatchPredicate}. */
  public static Function<String, Optional<String>> matching(Predicate<String> form) {
    return text -> Optional.of(text).filter(form);
  }

  private static <T> ParseResult<T> result(Optional<T> value, String want) {
    return value.map(ParseResult::parsed).orElseGet(() -> ParseResult.refused("", "", want));
  }

  private <T> Optional<T> item(String name, JsonNode node, Function<String, ParseResult<T>> parse) {
    // What is wanted of a text is known only when it is read; so other values are read, too.
    switch (parse.apply(node.isTextual() ? node.textValue() : node.asText())) {
      case ParseResult.Parsed<T>(T value) -> {
        if (node.isTextual()) {
          return Optional.of(value);
        }
        wrong(
            name,
            Shown.value(node),
            "a text",
            node.isValueNode() ? Optional.of("put it in quotes") : Optional.empty());
      }
      case ParseResult.Refused<T>(List<ParseError> found) ->
          found.forEach(error -> wrong(name, Shown.value(node), error.want(), error.next()));
    }
    return Optional.empty();
  }

  /** Reads a number without fraction within bounds. */
  public Optional<Integer> number(String name, int least, int most) {
    return number(name, least, most, "a whole number from " + least + " to " + most);
  }

  /**
   * Reads a number without fraction within bounds.
   *
   * @param want what it must be, in the words of the file's author
   */
  public Optional<Integer> number(String name, int least, int most, String want) {
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    JsonNode node = found.get();
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      wrong(name, Shown.value(node), want);
      return Optional.empty();
    }
    return Optional.of(node.intValue());
  }

  /** Reads a number that must be there; {@code least} stands for one that is not. */
  public int requiredNumber(String name, int least, int most) {
    if (!has(name)) {
      missing(name, "a whole number from " + least + " to " + most);
    }
    return number(name, least, most).orElse(least);
  }

  /** Reads true or false. */
  public Optional<Boolean> truth(String name) {
    Optional<JsonNode> found = node(name);
    if (found.isPresent() && !found.get().isBoolean()) {
      wrong(name, Shown.value(found.get()), "true or false");
      return Optional.empty();
    }
    return found.map(JsonNode::booleanValue);
  }

  /** Reads a duration such as 90s, 1h30m, 365d. */
  public Optional<Duration> duration(String name) {
    return parsed(name, "a duration such as 500ms, 90s, 10m, 1h30m or 365d", Durations::parse);
  }

  /** Reads one of a few words. */
  public <T> Optional<T> choice(String name, List<T> values, Function<T, String> text) {
    List<String> words = values.stream().map(text).toList();
    Optional<JsonNode> found = node(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    // Helm reads the bare word Off as false (YAML 1.1).
    String word =
        found.get().isBoolean()
            ? words.stream()
                .filter(w -> w.equals(found.get().booleanValue() ? "On" : "Off"))
                .findFirst()
                .orElse("")
            : found.get().isTextual() ? found.get().textValue() : "";
    int index = words.indexOf(word);
    if (index < 0) {
      wrong(name, Shown.value(found.get()), "one of " + words, Shown.suggestion(word, words));
      return Optional.empty();
    }
    return Optional.of(values.get(index));
  }

  /** Reads one of a few words that must be there. */
  public <T> Optional<T> requiredChoice(String name, List<T> values, Function<T, String> text) {
    if (!has(name)) {
      missing(name, "one of " + values.stream().map(text).toList());
    }
    return choice(name, values, text);
  }

  /** Reads a list of texts, empty where it is left out. */
  public List<String> texts(String name, String want) {
    return list(name, want, Optional::of).orElse(List.of());
  }

  /** Reads a list of texts, each read further; nothing where the field is left out. */
  public <T> Optional<List<T>> list(String name, String want, Function<String, Optional<T>> parse) {
    return list(name, "a list of " + want, text -> result(parse.apply(text), want), false);
  }

  /** Reads a list of texts, as {@link #parsed(String, Function)} reads one. */
  public <T> Optional<List<T>> list(String name, Function<String, ParseResult<T>> parse) {
    return list(name, "a list", parse, false);
  }

  /** Reads one text or a list of them; an empty list where the field is left out. */
  public <T> List<T> oneOrMore(String name, Function<String, ParseResult<T>> parse) {
    return node(name).filter(JsonNode::isArray).isPresent()
        ? list(name, parse).orElseThrow()
        : parsed(name, parse).stream().toList();
  }

  /** Reads a list of texts of which each may be there once; nothing where it is left out. */
  public <T> Optional<List<T>> distinct(
      String name, String want, Function<String, Optional<T>> parse) {
    return list(name, "a list of " + want, text -> result(parse.apply(text), want), true);
  }

  private <T> Optional<List<T>> list(
      String name, String want, Function<String, ParseResult<T>> parse, boolean distinct) {
    if (!has(name)) {
      return Optional.empty();
    }
    Map<T, String> first = new LinkedHashMap<>();
    List<T> values = new ArrayList<>();
    int index = 0;
    for (JsonNode item : items(name, want)) {
      String at = name + "[" + index + "]";
      item(at, item, parse)
          .ifPresent(
              value -> {
                String before = first.putIfAbsent(value, at(at));
                if (before == null || !distinct) {
                  values.add(value);
                } else {
                  wrong(at, Shown.value(item), "each one once", "the first is " + before);
                }
              });
      index++;
    }
    return Optional.of(values);
  }

  /** Returns whether it is a list without items. */
  public boolean isEmptyList(String name) {
    return node(name).filter(found -> found.isArray() && found.isEmpty()).isPresent();
  }

  /** Reads an object whose field names are data, and whose values are texts. */
  public SortedMap<String, String> textMap(String name) {
    Fields child = child(name);
    SortedMap<String, String> texts = new TreeMap<>();
    for (String key : child.names()) {
      child.text(key, "a text").ifPresent(text -> texts.put(key, text));
    }
    return texts;
  }

  /** Returns the names of all fields, for objects whose field names are data. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    object.ifPresent(found -> found.fieldNames().forEachRemaining(names::add));
    return names;
  }

  /** Reports every field nobody asked for. */
  public void end() {
    for (String name : names()) {
      if (!known.contains(name)) {
        wrong(
            name,
            "an unknown field",
            known.isEmpty() ? "no fields" : "one of " + known,
            Shown.suggestion(name, known));
      }
    }
  }
}
