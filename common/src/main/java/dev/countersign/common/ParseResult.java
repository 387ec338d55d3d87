package dev.countersign.common;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The outcome of reading something that others wrote: the value, or everything that is wrong with
 * it.
 *
 * @param <T> what was to be read
 */
public sealed interface ParseResult<T> {

  /** It could be read in full. */
  record Parsed<T>(T value) implements ParseResult<T> {
    public Parsed {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * It could not be read.
   *
   * @param errors every one that was found, at least one
   */
  record Refused<T>(List<ParseError> errors) implements ParseResult<T> {
    public Refused {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a refusal must say why");
      }
    }

    /** One line an error. */
    public String message() {
      return String.join("\n", errors.stream().map(ParseError::message).toList());
    }
  }

  /** Returns a value that was read. */
  static <T> ParseResult<T> parsed(T value) {
    return new Parsed<>(value);
  }

  /** Returns a refusal for one reason. */
  static <T> ParseResult<T> refused(String path, String got, String want) {
    return refused(new ParseError(path, got, want));
  }

  /** Returns a refusal for one reason. */
  static <T> ParseResult<T> refused(ParseError error) {
    return new Refused<>(List.of(error));
  }

  /**
   * Returns the value.
   *
   * @throws IllegalArgumentException with one error a line where there is none
   */
  default T orThrow() {
    return switch (this) {
      case Parsed<T>(T value) -> value;
      case Refused<T> refused -> throw new IllegalArgumentException(refused.message());
    };
  }

  /** Reads on with the value. */
  default <U> ParseResult<U> then(Function<T, ParseResult<U>> next) {
    return switch (this) {
      case Parsed<T>(T value) -> next.apply(value);
      case Refused<T>(List<ParseError> errors) -> new Refused<>(errors);
    };
  }
}
