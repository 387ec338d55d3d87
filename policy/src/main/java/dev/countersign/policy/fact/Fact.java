package dev.countersign.policy.fact;

import java.util.Objects;
import java.util.function.Function;

/**
 * Something about the cluster, if it is known.
 *
 * @param <T> what is known
 */
public sealed interface Fact<T> {

  /** It was looked up and this is the answer. */
  record Known<T>(T value) implements Fact<T> {
    public Known {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * It is not known.
   *
   * @param why what stood in the way, for an operator; without secrets
   */
  record Unknown<T>(String why) implements Fact<T> {
    public Unknown {
      Objects.requireNonNull(why, "why");
    }
  }

  /** What is known. */
  static <T> Fact<T> known(T value) {
    return new Known<>(value);
  }

  /** What could not be found out, and why. */
  static <T> Fact<T> unknown(String why) {
    return new Unknown<>(why);
  }

  /** What nobody has asked for yet. */
  static <T> Fact<T> notLookedUp() {
    return new Unknown<>("not looked up");
  }

  /** Asks on with what is known. */
  default <U> Fact<U> then(Function<? super T, Fact<U>> next) {
    return switch (this) {
      case Known<T>(T value) -> next.apply(value);
      case Unknown<T>(String why) -> unknown(why);
    };
  }

  /** Returns what {@code change} makes of what is known. */
  default <U> Fact<U> map(Function<? super T, ? extends U> change) {
    return then(value -> known(change.apply(value)));
  }

  /** Whether there is a value. */
  default boolean isKnown() {
    return this instanceof Known<T>;
  }
}
