package dev.countersign.render.spec;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One thing that is wrong with a spec.
 *
 * @param line counted from 1; empty where it concerns no line, such as a missing field
 * @param path such as {@code nodes.workers[2].taints[0]}; empty for the document itself
 * @param got what is there, quoted and shortened
 * @param want what must be there
 * @param next what to do about it
 */
public record SpecProblem(
    OptionalInt line, String path, String got, String want, Optional<String> next) {

  public SpecProblem {
    Objects.requireNonNull(line, "line");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(got, "got");
    Objects.requireNonNull(want, "want");
    Objects.requireNonNull(next, "next");
  }

  /** {@code <path> (line N): got …; want …[; …]}. */
  public String message() {
    StringBuilder text = new StringBuilder(path.isEmpty() ? "spec" : path);
    line.ifPresent(number -> text.append(" (line ").append(number).append(')'));
    text.append(": got ").append(got).append("; want ").append(want);
    next.ifPresent(step -> text.append("; ").append(step));
    return text.toString();
  }
}
