package dev.countersign.common;

import java.util.Objects;
import java.util.function.Function;

/**
 * The outcome of reading something that others wrote: the value, or what was found in its place.
 *
 * @param <T> what was to be read
 */
public sealed interface Reading<T> {

  /** It could be read in full. */
  record Read<T>(T value) implements Reading<T> {
    public Read {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * It could not be read.
   *
   * @param path where in the input
   * @param got what is there, never the bytes of a secret
   * @param want what must be there
   */
  record Unreadable<T>(String path, String got, String want) implements Reading<T> {
    public Unreadable {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(got, "got");
      Objects.requireNonNull(want, "want");
    }

    /** {@code path: got …; want …}. */
    public String message() {
      return path + ": got " + got + "; want " + want;
    }
  }

  /** A value that was read. */
  static <T> Reading<T> read(T value) {
    return new Read<>(value);
  }

  /** An input that could not be read. */
  static <T> Reading<T> unreadable(String path, String got, String want) {
    return new Unreadable<>(path, got, want);
  }

  /**
   * The value.
   *
   * @throws IllegalArgumentException with {@code path: got …; want …} where there is none
   */
  default T orThrow() {
    return switch (this) {
      case Read<T>(T value) -> value;
      case Unreadable<T> unreadable -> throw new IllegalArgumentException(unreadable.message());
    };
  }

  /** Reads on with the value. */
  default <U> Reading<U> then(Function<T, Reading<U>> next) {
    return switch (this) {
      case Read<T>(T value) -> next.apply(value);
      case Unreadable<T>(String path, String got, String want) -> unreadable(path, got, want);
    };
  }
}
