package dev.countersign.common.document;

import java.util.List;
import java.util.Objects;

/**
 * The outcome of reading a file.
 *
 * @param <T> what it holds
 */
public sealed interface FileParse<T> {
  /** It could be read. */
  record Parsed<T>(T value) implements FileParse<T> {
    public Parsed {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * It could not.
   *
   * @param errors every one that was found, at least one
   */
  record Refused<T>(List<FileError> errors) implements FileParse<T> {
    public Refused {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a refusal must say why");
      }
    }

    /** One line an error. */
    public String message() {
      return String.join("\n", errors.stream().map(FileError::message).toList());
    }
  }
}
