package dev.countersign.cli;

import java.util.regex.Pattern;

/**
 * Bootstrap tokens where none belongs, as in a wrong argument or in what a file's parser quotes:
 * what is after the dot is nobody's business but its owner's.
 */
public final class TokenText {
  // Not part of a longer name, such as a host's.
  private static final Pattern TOKEN =
      Pattern.compile("(?<![\\w.-])([a-z0-9]{6})\\.[a-z0-9]{16}(?![\\w-]|\\.\\w)");

  private TokenText() {}

  /** Whether the whole text has the form of a token ({@code ID.SECRET}). */
  public static boolean isOne(String text) {
    return TOKEN.matcher(text).matches();
  }

  /** The text with every token's secret taken out; its id, which is no secret, stays. */
  static String redacted(String text) {
    return TOKEN.matcher(text).replaceAll("$1.<secret>");
  }
}
