package dev.countersign.common.name;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a Node: an RFC 1123 subdomain as Kubernetes requires of Node objects (lower-case
 * letters, digits, {@code -} and {@code .}, at most 253 characters, labels of at most 63).
 *
 * @param text for example {@code worker-1.example.com}
 */
public record NodeName(String text) implements Comparable<NodeName> {
  /** What comes before the Node's name in a kubelet's user name and common name. */
  public static final String USER_PREFIX = "system:node:";

  private static final int LONGEST = 253;
  private static final int LONGEST_LABEL = 63;

  public NodeName {
    Objects.requireNonNull(text, "text");
    if (!isValid(text)) {
      throw new IllegalArgumentException(
          "node name: got " + text.length() + " characters; want " + RULE);
    }
  }

  /** The rule, as a noun phrase for messages. */
  public static final String RULE =
      "a node name of lower-case letters, digits, '-' and '.', labels of 1 to 63, at most 253"
          + " characters";

  /** The name, or nothing where the text breaks {@link #RULE}. */
  public static Optional<NodeName> parse(String text) {
    return isValid(text) ? Optional.of(new NodeName(text)) : Optional.empty();
  }

  /** {@code system:node:<name>}. */
  public String userName() {
    return USER_PREFIX + text;
  }

  /**
   * Whether a DNS name is this Node's own, of one label. Such a name may consist of digits (RFC
   * 1123), which some programs read as an address.
   */
  public boolean isLabel(DnsName name) {
    return text.indexOf('.') < 0 && name.text().equals(text);
  }

  private static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return false;
    }
    int labelStart = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? '.' : text.charAt(i);
      if (c == '.') {
        int length = i - labelStart;
        if (length == 0
            || length > LONGEST_LABEL
            || text.charAt(labelStart) == '-'
            || text.charAt(i - 1) == '-') {
          return false;
        }
        labelStart = i + 1;
      } else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NodeName that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public int compareTo(NodeName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
