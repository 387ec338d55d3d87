package dev.countersign.kube.credential;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster, user or context of a kubeconfig, or an object inside of one. Fields of another form
 * than client-go's {@code clientcmd/api/v1} gives them are problems, with their path.
 */
final class KubeconfigEntry {
  private final Path file;
  private final String path;
  private final Map<String, Object> fields;

  /**
   * One at a place.
   *
   * @param file which names of files are relative to
   * @param path for messages, such as {@code users[admin].user}
   */
  KubeconfigEntry(Path file, String path, Map<String, Object> fields) {
    this.file = file;
    this.path = path;
    this.fields = fields;
  }

  /** An entry without fields, such as the user of a context that names none. */
  static KubeconfigEntry empty(Path file, String path) {
    return new KubeconfigEntry(file, path, Map.of());
  }

  /** The same fields, told by another path. */
  KubeconfigEntry movedTo(String place) {
    return new KubeconfigEntry(file, place, fields);
  }

  /** Where a field is, for messages. */
  String at(String field) {
    return file + ": " + below(field);
  }

  private String below(String field) {
    return path + (path.isEmpty() || field.isEmpty() ? "" : ".") + field;
  }

  CredentialProblem problem(String field, String got, String want) {
    return new CredentialProblem(at(field) + ": got " + got + "; want " + want);
  }

  /** Whether the field has a value that is not an empty text. */
  boolean has(String field) {
    Object value = fields.get(field);
    return value != null && !value.equals("");
  }

  /** The text of a field; empty where it is left out. */
  String text(String field) throws CredentialProblem {
    Object value = fields.get(field);
    return value == null ? "" : text(field, value);
  }

  private String text(String field, Object value) throws CredentialProblem {
    if (value instanceof String text) {
      return text;
    }
    throw problem(field, form(value), "a text");
  }

  /** True or false; false where it is left out. */
  boolean flag(String field) throws CredentialProblem {
    String text = text(field);
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "", "false" -> false;
      default -> throw problem(field, "\"" + text + "\"", "true or false");
    };
  }

  /** The texts of a list; none where it is left out. */
  List<String> texts(String field) throws CredentialProblem {
    return items(field, "a list of texts", this::text);
  }

  /** The object of a field. */
  Optional<KubeconfigEntry> child(String field) throws CredentialProblem {
    Object value = fields.get(field);
    return value == null ? Optional.empty() : Optional.of(child(field, value));
  }

  private KubeconfigEntry child(String field, Object value) throws CredentialProblem {
    if (value instanceof Map<?, ?> map) {
      return new KubeconfigEntry(file, below(field), copy(map));
    }
    throw problem(field, form(value), "a mapping");
  }

  /** The objects of a list. */
  List<KubeconfigEntry> children(String field) throws CredentialProblem {
    return items(field, "a list of mappings", this::child);
  }

  private interface ItemReader<T> {
    T read(String field, Object value) throws CredentialProblem;
  }

  private <T> List<T> items(String field, String want, ItemReader<T> reader)
      throws CredentialProblem {
    Object value = fields.get(field);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> items)) {
      throw problem(field, form(value), want);
    }
    List<T> read = new ArrayList<>();
    for (Object item : items) {
      read.add(reader.read(field + "[" + read.size() + "]", item));
    }
    return List.copyOf(read);
  }

  /** The names of the fields there are. */
  List<String> names() {
    return List.copyOf(fields.keySet());
  }

  /**
   * PEM of a field or of the file it names: {@code FIELD-data}, in base64, or {@code FIELD}.
   *
   * @throws CredentialProblem where both are there, as client-go has it, or one is not readable
   */
  Optional<DataOrFile> pem(String field) throws CredentialProblem {
    String data = text(field + "-data");
    String name = text(field);
    if (!data.isEmpty() && !name.isEmpty()) {
      throw problem(field, "one, and " + field + "-data, too", "only one of them");
    }
    if (!data.isEmpty()) {
      try {
        // client-go reads it so: line breaks are left out, nothing else is.
        byte[] decoded = Base64.getDecoder().decode(data.replaceAll("[\\r\\n]", ""));
        return Optional.of(
            DataOrFile.inline(at(field + "-data"), new String(decoded, StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        throw problem(field + "-data", "no base64", "PEM in base64");
      }
    }
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(DataOrFile.file(at(field), resolve(name)));
  }

  /**
   * A file that the kubeconfig names: relative to the kubeconfig's own directory, as for kubectl.
   */
  Path resolve(String name) {
    return file.toAbsolutePath().resolveSibling(name).normalize();
  }

  private static String form(Object value) {
    return value instanceof Map<?, ?>
        ? "a mapping"
        : value instanceof List<?> ? "a list" : "a text";
  }

  /** Without the fields that are null. */
  static Map<String, Object> copy(Map<?, ?> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          if (value != null) {
            copy.put(String.valueOf(name), value);
          }
        });
    return copy;
  }
}
