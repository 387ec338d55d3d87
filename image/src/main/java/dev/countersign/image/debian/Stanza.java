package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** One paragraph of a Debian control file (deb822(5)): fields by name, whatever its case. */
public final class Stanza {
  private final Map<String, String> fields;
  private final List<String> lines;

  private Stanza(Map<String, String> fields, List<String> lines) {
    this.fields = fields;
    this.lines = lines;
  }

  /** The field's value; continuation lines keep their line breaks, not their first space. */
  public Optional<String> field(String name) {
    return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * The field's value.
   *
   * @throws ImageException where the stanza has no such field
   */
  public String required(String name) {
    return field(name)
        .orElseThrow(() -> new ImageException("stanza", "no field " + name, "a field " + name));
  }

  /** The lines as they were read. */
  public List<String> lines() {
    return lines;
  }

  /**
   * The only stanza of a text.
   *
   * @throws ImageException where there is none, or more
   */
  public static Stanza single(String text) {
    List<Stanza> all = all(text);
    if (all.size() != 1) {
      throw new ImageException("control file", all.size() + " stanzas", "one stanza");
    }
    return all.getFirst();
  }

  /** All stanzas of a text, in order. */
  public static List<Stanza> all(String text) {
    var all = new ArrayList<Stanza>();
    try (var reader = new BufferedReader(new StringReader(text))) {
      each(reader, all::add);
    } catch (IOException unexpected) {
      throw new IllegalStateException("reading from memory", unexpected);
    }
    return List.copyOf(all);
  }

  /** Gives each stanza to the consumer as it is read, so that an index need not fit in memory. */
  public static void each(BufferedReader reader, Consumer<Stanza> consumer) throws IOException {
    var fields = new LinkedHashMap<String, String>();
    var lines = new ArrayList<String>();
    String name = "";
    String line = reader.readLine();
    while (line != null) {
      if (line.isBlank()) {
        if (!fields.isEmpty()) {
          consumer.accept(new Stanza(Map.copyOf(fields), List.copyOf(lines)));
          fields.clear();
          lines.clear();
          name = "";
        }
      } else if (line.startsWith("#")) {
        // Comments belong to no field.
      } else if (line.startsWith(" ") || line.startsWith("\t")) {
        if (name.isEmpty()) {
          throw new ImageException("stanza", line, "a field before its continuation");
        }
        lines.add(line);
        fields.merge(name, line.substring(1), (before, more) -> before + "\n" + more);
      } else {
        int colon = line.indexOf(':');
        if (colon <= 0) {
          throw new ImageException("stanza", line, "Field: value");
        }
        name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        if (fields.containsKey(name)) {
          throw new ImageException("stanza", "field " + name + " twice", "each field once");
        }
        lines.add(line);
        fields.put(name, line.substring(colon + 1).strip());
      }
      line = reader.readLine();
    }
    if (!fields.isEmpty()) {
      consumer.accept(new Stanza(Map.copyOf(fields), List.copyOf(lines)));
    }
  }

  @Override
  public String toString() {
    return Objects.requireNonNullElse(fields.get("package"), "stanza of " + fields.size());
  }
}
