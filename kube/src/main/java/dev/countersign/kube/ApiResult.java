package dev.countersign.kube;

import java.util.Objects;
import java.util.function.Function;

/** What became of a request. */
public sealed interface ApiResult<T> {
  /** The same with what {@code change} makes of the value, where there is one. */
  default <R> ApiResult<R> map(Function<? super T, ? extends R> change) {
    return switch (this) {
      case Done<T>(T value) -> new Done<>(change.apply(value));
      case Refused<T>(ApiStatus status) -> new Refused<>(status);
      case Unreachable<T>(String why) -> new Unreachable<>(why);
    };
  }

  /** The server did it. */
  record Done<T>(T value) implements ApiResult<T> {
    /** Checks that there is a value. */
    public Done {
      Objects.requireNonNull(value);
    }
  }

  /** The server said no. */
  record Refused<T>(ApiStatus status) implements ApiResult<T> {
    /** Checks that there is a status. */
    public Refused {
      Objects.requireNonNull(status);
    }
  }

  /**
   * There was no usable answer; whether the server did it is not known.
   *
   * @param why for people, without secrets
   */
  record Unreachable<T>(String why) implements ApiResult<T> {
    /** Checks that there is a reason. */
    public Unreachable {
      Objects.requireNonNull(why);
    }
  }
}
