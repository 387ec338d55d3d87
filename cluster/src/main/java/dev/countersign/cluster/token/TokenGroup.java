package dev.countersign.cluster.token;

import dev.countersign.common.text.SafeText;
import java.util.regex.Pattern;

/**
 * A group that a bootstrap token authenticates as, beside {@code system:bootstrappers}.
 *
 * <p>Kubernetes refuses every other group at authentication, so that a token cannot be an
 * administrator (kubernetes/kubernetes, {@code cluster-bootstrap/util/tokens}).
 */
public record TokenGroup(String name) implements Comparable<TokenGroup> {
  private static final Pattern FORM =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");

  public TokenGroup {
    if (!FORM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "groups: got "
              + SafeText.quote(name)
              + "; want system:bootstrappers: followed by a-z, 0-9, colons and hyphens, the last"
              + " a letter or digit");
    }
  }

  /**
   * Reads a group.
   *
   * @throws IllegalArgumentException where it does not begin with {@code system:bootstrappers:}
   */
  public static TokenGroup parse(String text) {
    return new TokenGroup(text);
  }

  @Override
  public int compareTo(TokenGroup other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
