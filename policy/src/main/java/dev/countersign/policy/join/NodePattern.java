package dev.countersign.policy.join;

import dev.countersign.common.text.SafeText;
import java.util.regex.Pattern;

/**
 * Which node names a token may be used for: a name, or one with {@code *} for any run of letters,
 * digits and hyphens within a label.
 *
 * <p>{@code *} does not cross a full stop, so that {@code *.rack1.example} does not match {@code
 * a.b.rack1.example}.
 */
public record NodePattern(String text) {
  private static final Pattern FORM = Pattern.compile("[a-z0-9*]([-a-z0-9*.]*[a-z0-9*])?");

  public NodePattern {
    if (text.length() > 253 || !FORM.matcher(text).matches() || text.contains("..")) {
      throw new IllegalArgumentException(
          "nodes: got "
              + SafeText.quote(text)
              + "; want a node name (a-z, 0-9, hyphens, full stops), * standing for any part of a"
              + " label");
    }
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException where it could match no node name
   */
  public static NodePattern parse(String text) {
    return new NodePattern(text);
  }

  /** Whether it stands for one name only. */
  public boolean isExact() {
    return text.indexOf('*') < 0;
  }

  /** Whether a node of this name is meant. Linear in the length of both. */
  public boolean matches(String nodeName) {
    int p = 0;
    int n = 0;
    int star = -1;
    int mark = 0;
    while (n < nodeName.length()) {
      char c = nodeName.charAt(n);
      if (p < text.length() && text.charAt(p) == '*') {
        star = p++;
        mark = n;
      } else if (p < text.length() && text.charAt(p) == c) {
        p++;
        n++;
      } else if (star >= 0 && nodeName.charAt(mark) != '.') {
        p = star + 1;
        n = ++mark;
      } else {
        return false;
      }
    }
    while (p < text.length() && text.charAt(p) == '*') {
      p++;
    }
    return p == text.length();
  }

  @Override
  public String toString() {
    return text;
  }
}
