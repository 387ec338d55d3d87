package dev.countersign.common;

import dev.countersign.common.text.SafeText;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One thing that is wrong with a text that others wrote.
 *
 * @param path where, for example {@code spec.limits.names}; empty for the whole of it
 * @param line of the file, counted from 1; empty where it is of no line, or not known
 * @param got what is there, never the bytes of a secret
 * @param want what must be there
 * @param next what to do about it
 */
public record ParseError(
    String path, OptionalInt line, String got, String want, Optional<String> next) {
  public ParseError {
    path = SafeText.plain(path);
    got = SafeText.plain(got);
    want = SafeText.line(want);
    next = next.map(SafeText::line);
  }

  /** An error of no line that needs no advice. */
  public ParseError(String path, String got, String want) {
    this(path, OptionalInt.empty(), got, want, Optional.empty());
  }

  /** Returns the error at another path. */
  public ParseError at(String other) {
    return new ParseError(other, line, got, want, next);
  }

  /** Returns the error with its line. */
  public ParseError inLine(OptionalInt number) {
    return new ParseError(path, number, got, want, next);
  }

  /** Returns the error with what to do about it. */
  public ParseError then(String step) {
    return new ParseError(path, line, got, want, Optional.of(step));
  }

  /** {@code <path> (line N): got …; want …[; …]}. */
  public String message() {
    StringBuilder text = new StringBuilder(path);
    line.ifPresent(number -> text.append(" (line ").append(number).append(')'));
    text.append(": got ").append(got).append("; want ").append(want);
    next.ifPresent(step -> text.append("; ").append(step));
    return text.toString();
  }
}
