package dev.countersign.policy.peers;

import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An outcome of our policy.
 *
 * @param outcome what becomes of the request
 * @param reasons every reason, as conditions name it
 */
record Verdict(Outcome outcome, SortedSet<String> reasons) {
  /** Reads {@code deny} or {@code deny DnsWildcard SanTooMany}. */
  static Verdict parse(String text) {
    String[] words = text.split(" ");
    return new Verdict(
        Outcome.parse(words[0]),
        Arrays.stream(words).skip(1).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Override
  public String toString() {
    return reasons.isEmpty() ? outcome.text() : outcome.text() + " " + String.join(" ", reasons);
  }
}
