package dev.countersign.policy.join;

import dev.countersign.common.text.SafeText;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The public half of a bootstrap token: six lower-case letters or digits.
 *
 * <p>Not a secret: it is the name of the token's Secret and of the user the token authenticates as.
 * Format: kubernetes/kubernetes, {@code cluster-bootstrap/token/api}.
 */
public record TokenId(String value) implements Comparable<TokenId> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9]{6}");

  /** The prefix of the user name that a bootstrap token authenticates as. */
  public static final String USER_PREFIX = "system:bootstrap:";

  public TokenId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "token id: got " + describe(value) + "; want six of a-z and 0-9");
    }
  }

  /**
   * Reads an id.
   *
   * @throws IllegalArgumentException with {@code token id: got …; want …} where it is none
   */
  public static TokenId parse(String text) {
    return new TokenId(text);
  }

  /** The id in a user name such as {@code system:bootstrap:07401b}; empty for every other user. */
  public static Optional<TokenId> ofUser(String username) {
    if (!username.startsWith(USER_PREFIX)) {
      return Optional.empty();
    }
    String rest = username.substring(USER_PREFIX.length());
    return FORM.matcher(rest).matches() ? Optional.of(new TokenId(rest)) : Optional.empty();
  }

  /** The user that a token of this id authenticates as. */
  public String user() {
    return USER_PREFIX + value;
  }

  /** The name of the token's Secret in {@code kube-system}. */
  public String secretName() {
    return "bootstrap-token-" + value;
  }

  /** What a wrong id may be shown as: a whole token given by mistake must not be echoed. */
  private static String describe(String value) {
    return value.length() > 8 ? value.length() + " characters" : SafeText.quote(value);
  }

  @Override
  public int compareTo(TokenId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
