package dev.countersign.x509;

/** Shows text that others wrote: quoted, control characters escaped, cut at a length. */
public final class Quoted {
  /** Characters shown of a longer text, escapes counted in full. */
  public static final int MAX_LENGTH = 200;

  private Quoted() {}

  /**
   * The text between double quotes, of which at most {@value #MAX_LENGTH} characters are shown,
   * counted after escaping. Everything outside of printable ASCII, quotes and backslashes are
   * escaped, so that it can neither break a line, steer a terminal, nor imitate other letters.
   */
  public static String quote(String text) {
    return quote(text, MAX_LENGTH);
  }

  /** As {@link #quote(String)} at any length: also a scalar of YAML and a string of JSON. */
  public static String quoteAll(String text) {
    return quote(text, Integer.MAX_VALUE);
  }

  private static String quote(String text, int limit) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      String shown = escaped(text.charAt(i));
      if (out.length() - 1 > limit - shown.length()) {
        return out.append("\"… (").append(text.length()).append(" characters)").toString();
      }
      out.append(shown);
    }
    return out.append('"').toString();
  }

  private static String escaped(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> c >= 0x20 && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c);
    };
  }
}
