package dev.countersign.common.name;

import java.util.Objects;
import java.util.Optional;

/**
 * The name of a Node: an RFC 1123 subdomain of lower-case letters, digits, {@code -} and {@code .},
 * of at most 253 characters, with labels of at most 63. Kubernetes bounds only the whole ({@code
 * IsDNS1123Subdomain}); a label of more than 63 is no DNS name.
 *
 * @param text for example {@code worker-1.example.com}
 */
public record NodeName(String text) implements Comparable<NodeName> {
  /** What comes before the Node's name in a kubelet's user name and common name. */
  public static final String USER_PREFIX = "system:node:";

  public NodeName {
    Objects.requireNonNull(text, "text");
    if (!DnsSyntax.isSubdomain(text)) {
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
    return DnsSyntax.isSubdomain(text) ? Optional.of(new NodeName(text)) : Optional.empty();
  }

  /** The Node whose kubelet has that user name or common name, if it is one's. */
  public static Optional<NodeName> ofUser(String user) {
    return user.startsWith(USER_PREFIX)
        ? parse(user.substring(USER_PREFIX.length()))
        : Optional.empty();
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

  @Override
  public int compareTo(NodeName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
