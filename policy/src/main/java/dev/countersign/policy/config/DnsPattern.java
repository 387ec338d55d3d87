package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A pattern for DNS names: labels joined by dots, in which {@code *} stands for any run of
 * characters within one label and a label {@code **} for one label or more.
 *
 * <p>Matching takes time proportional to the product of the lengths at worst; there is no
 * backtracking that a name could blow up.
 *
 * @param text as written, lower case
 */
public record DnsPattern(String text) {
  /** The rule, as a noun phrase for messages. */
  public static final String RULE =
      "labels of letters, digits, '-' and '*' joined by dots, such as worker-*.example.com or"
          + " **.example.com";

  public DnsPattern {
    Objects.requireNonNull(text, "text");
    if (!isValid(text)) {
      throw new IllegalArgumentException(
          "pattern: got " + text.length() + " characters; want " + RULE);
    }
  }

  /** The pattern, in lower case, or nothing where the text breaks {@link #RULE}. */
  public static Optional<DnsPattern> parse(String text) {
    String folded = DnsName.of(text).text();
    return folded.length() == text.length() && isValid(folded)
        ? Optional.of(new DnsPattern(folded))
        : Optional.empty();
  }

  private static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > 253) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      boolean plain =
          label
              .chars()
              .allMatch(
                  c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*');
      if (label.isEmpty() || label.length() > 63 || !plain) {
        return false;
      }
      if (label.contains("**") && !label.equals("**")) {
        return false;
      }
    }
    return true;
  }

  /** Whether the whole name matches. */
  public boolean matches(DnsName name) {
    return matches(
        Arrays.asList(text.split("\\.", -1)), Arrays.asList(name.text().split("\\.", -1)));
  }

  private static boolean matches(List<String> pattern, List<String> labels) {
    boolean[] reached = new boolean[labels.size() + 1];
    reached[0] = true;
    for (String part : pattern) {
      boolean[] next = new boolean[labels.size() + 1];
      for (int i = 0; i < labels.size(); i++) {
        boolean here = reached[i] && (part.equals("**") || matchesLabel(part, labels.get(i)));
        next[i + 1] = here || (part.equals("**") && next[i]);
      }
      reached = next;
    }
    return reached[labels.size()];
  }

  private static boolean matchesLabel(String pattern, String label) {
    int p = 0;
    int i = 0;
    int star = -1;
    int mark = 0;
    while (i < label.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        mark = i;
      } else if (p < pattern.length() && pattern.charAt(p) == label.charAt(i)) {
        p++;
        i++;
      } else if (star >= 0) {
        p = star + 1;
        i = ++mark;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
