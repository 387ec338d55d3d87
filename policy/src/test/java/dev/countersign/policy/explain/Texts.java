package dev.countersign.policy.explain;

import java.util.stream.Collectors;

/** Explanations as people read them. */
final class Texts {
  private Texts() {}

  static String of(Explanation explanation) {
    return ExplanationText.lines(explanation).stream()
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }
}
