package dev.countersign.common.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a person may have meant by a word that is none. */
public final class Suggestion {
  /** In characters; what is longer is no slip of the keyboard, and would cost a square of it. */
  private static final int LONGEST = 64;

  private Suggestion() {}

  /**
   * The nearest candidate, if it is near: it begins with the word, alone among the candidates, or a
   * third of the word's characters, and less than half of its own, would make it. Case, hyphens and
   * underscores do not count.
   */
  public static Optional<String> nearest(String word, Collection<String> candidates) {
    String plain = plain(word);
    if (plain.length() > LONGEST) {
      return Optional.empty();
    }
    List<String> longer =
        candidates.stream()
            .filter(candidate -> plain.length() > 2 && plain(candidate).startsWith(plain))
            .toList();
    if (longer.size() == 1) {
      return Optional.of(longer.getFirst());
    }
    return candidates.stream()
        .filter(candidate -> isNear(plain, plain(candidate)))
        .min(
            Comparator.<String>comparingInt(candidate -> distance(plain, plain(candidate)))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static boolean isNear(String word, String candidate) {
    int distance = distance(word, candidate);
    return distance <= Math.max(1, word.length() / 3)
        && distance * 2 < Math.max(candidate.length(), 2);
  }

  private static String plain(String text) {
    return text.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /**
   * The number of single-character insertions, removals and replacements, and of swaps of two
   * neighbours (Damerau and Levenshtein, no part of the text changed twice).
   */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(Math.min(current[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          current[j] = Math.min(current[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = current;
    }
    return last[b.length()];
  }
}
