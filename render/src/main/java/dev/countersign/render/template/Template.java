package dev.countersign.render.template;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with places written {@code {{name}}}.
 *
 * <p>A place inside a line takes a value of one line. A place alone on its line takes any number of
 * lines, each indented as the place is; with none, the line goes away.
 *
 * <p>Immutable.
 */
public final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-zA-Z0-9]+)}}");
  private static final Pattern LINE = Pattern.compile("( *)\\{\\{([a-zA-Z0-9]+)}}");

  private final String text;
  private final Map<String, List<String>> values;

  private Template(String text, Map<String, List<String>> values) {
    this.text = text;
    this.values = values;
  }

  /** A text given as such. */
  public static Template of(String text) {
    return new Template(text, Map.of());
  }

  /**
   * A resource beside a class.
   *
   * @throws IllegalStateException where there is none, which is an error of this program
   */
  public static Template resource(Class<?> beside, String name) {
    try (InputStream stream = beside.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("no resource " + name + " beside " + beside.getName());
      }
      return of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether there is a place of this name. */
  public boolean mentions(String name) {
    return text.contains("{{" + name + "}}");
  }

  /** Fills a place with a value of one line. */
  public Template with(String name, String value) {
    return with(name, List.of(value));
  }

  /** Fills a place that is alone on its line with any number of lines. */
  public Template with(String name, List<String> lines) {
    for (String line : lines) {
      if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
        throw new IllegalArgumentException(name + ": must not hold a line break in a line");
      }
    }
    Map<String, List<String>> more = new LinkedHashMap<>(values);
    if (more.put(Objects.requireNonNull(name, "name"), List.copyOf(lines)) != null) {
      throw new IllegalStateException(name + ": must be filled once");
    }
    return new Template(text, more);
  }

  /**
   * The text with every place filled.
   *
   * @throws IllegalStateException where a place has no value or a value no place, which is an error
   *     of this program
   */
  public String render() {
    Set<String> unused = new LinkedHashSet<>(values.keySet());
    StringBuilder result = new StringBuilder();
    int next;
    for (int begin = 0; begin < text.length(); begin = next) {
      int end = text.indexOf('\n', begin);
      next = end < 0 ? text.length() : end + 1;
      int open = text.indexOf("{{", begin);
      if (open < 0 || open >= next) {
        result.append(text, begin, next);
        continue;
      }
      String line = text.substring(begin, next);
      String bare = end < 0 ? line : text.substring(begin, end);
      Matcher alone = LINE.matcher(bare);
      if (alone.matches()) {
        for (String value : lines(alone.group(2), unused)) {
          result.append(value.isEmpty() ? "" : alone.group(1)).append(value).append('\n');
        }
        continue;
      }
      Matcher place = PLACE.matcher(line);
      StringBuilder filled = new StringBuilder();
      while (place.find()) {
        List<String> value = lines(place.group(1), unused);
        if (value.size() != 1) {
          throw new IllegalStateException(place.group(1) + ": must be one line inside a line");
        }
        place.appendReplacement(filled, Matcher.quoteReplacement(value.getFirst()));
      }
      place.appendTail(filled);
      result.append(filled);
    }
    if (!unused.isEmpty()) {
      throw new IllegalStateException("no place for " + unused);
    }
    return result.toString();
  }

  private List<String> lines(String name, Set<String> unused) {
    List<String> value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no value for {{" + name + "}}");
    }
    unused.remove(name);
    return value;
  }
}
