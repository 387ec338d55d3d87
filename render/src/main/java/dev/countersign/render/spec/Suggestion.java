package dev.countersign.render.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a person may have meant. */
final class Suggestion {
  private Suggestion() {}

  /** The nearest candidate, if it is near: case, hyphens and underscores do not count. */
  static Optional<String> nearest(String text, Collection<String> candidates) {
    String plain = plain(text);
    List<String> longer =
        candidates.stream()
            .filter(candidate -> plain.length() > 2 && plain(candidate).startsWith(plain))
            .toList();
    if (longer.size() == 1) {
      return Optional.of(longer.getFirst());
    }
    return candidates.stream()
        .filter(candidate -> distance(plain, plain(candidate)) <= Math.max(1, plain.length() / 3))
        .min(
            Comparator.<String>comparingInt(candidate -> distance(plain, plain(candidate)))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static String plain(String text) {
    return text.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** The number of single-character insertions, removals and replacements (Levenshtein). */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
