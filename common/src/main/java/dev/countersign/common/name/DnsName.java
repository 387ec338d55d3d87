package dev.countersign.common.name;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A DNS name for comparison: lower case (ASCII only) and without a trailing dot, as RFC 4343 and
 * name resolution treat it. It says nothing about syntax; see {@link DnsSyntax}.
 *
 * @param text the folded name
 */
public record DnsName(String text) implements NameOrAddress, Comparable<DnsName> {

  public DnsName {
    Objects.requireNonNull(text, "text");
    if (!fold(text).equals(text)) {
      throw new IllegalArgumentException(
          "a DNS name for comparison must be folded; use DnsName.of");
    }
  }

  /** The name as it compares. */
  public static DnsName of(String text) {
    return new DnsName(fold(text));
  }

  private static String fold(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '.') {
      end--;
    }
    int capital = 0;
    while (capital < end && !isCapital(text.charAt(capital))) {
      capital++;
    }
    if (capital == end) {
      return text.substring(0, end);
    }
    // Not by String.toLowerCase, to which the Kelvin sign is a capital k.
    char[] folded = text.substring(0, end).toCharArray();
    for (int i = capital; i < end; i++) {
      if (isCapital(folded[i])) {
        folded[i] = (char) (folded[i] + ('a' - 'A'));
      }
    }
    return new String(folded);
  }

  private static boolean isCapital(char c) {
    return c >= 'A' && c <= 'Z';
  }

  /** Whether the name is {@code suffix} or a name below it. */
  public boolean isAtOrBelow(DnsName suffix) {
    String tail = suffix.text;
    return text.endsWith(tail)
        && (text.length() == tail.length()
            || (!tail.isEmpty() && text.charAt(text.length() - tail.length() - 1) == '.'));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DnsName that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String key() {
    return text;
  }

  @Override
  public int compareTo(DnsName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
