package dev.countersign.render.spec;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The outcome of reading a spec: the spec, or everything that is wrong with it. */
public sealed interface SpecReading {

  /** A spec that keeps every rule. */
  record Valid(ClusterSpec spec) implements SpecReading {
    public Valid {
      Objects.requireNonNull(spec, "spec");
    }
  }

  /**
   * A text that breaks a rule.
   *
   * @param problems at least one, in the order of the document
   */
  record Rejected(List<SpecProblem> problems) implements SpecReading {
    public Rejected {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("problems: must not be empty");
      }
    }
  }

  /**
   * The spec.
   *
   * @throws IllegalArgumentException with one problem a line where there is none
   */
  default ClusterSpec orThrow() {
    return switch (this) {
      case Valid(ClusterSpec spec) -> spec;
      case Rejected(List<SpecProblem> problems) ->
          throw new IllegalArgumentException(
              problems.stream().map(SpecProblem::message).collect(Collectors.joining("\n")));
    };
  }
}
