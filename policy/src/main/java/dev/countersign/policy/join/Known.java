package dev.countersign.policy.join;

import java.util.Objects;

/**
 * A fact that was looked for: its value, or why it is not known.
 *
 * @param <T> the value's type
 */
public sealed interface Known<T> {
  /** It was read from the API server for this decision. */
  record Fact<T>(T value) implements Known<T> {
    public Fact {
      Objects.requireNonNull(value, "value");
    }
  }

  /** It could not be read. */
  record Unknown<T>(String why) implements Known<T> {
    public Unknown {
      Objects.requireNonNull(why, "why");
    }
  }

  /** A fact. */
  static <T> Known<T> of(T value) {
    return new Fact<>(value);
  }

  /** Not known. */
  static <T> Known<T> unknown(String why) {
    return new Unknown<>(why);
  }
}
