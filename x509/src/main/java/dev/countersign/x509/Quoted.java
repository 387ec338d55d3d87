package dev.countersign.x509;

/** Shows text that others wrote: quoted, control characters escaped, cut at a length. */
public final class Quoted {
  /** Longer text is cut, in characters. */
  public static final int MAX_LENGTH = 200;

  private Quoted() {}

  /**
   * The text between double quotes. Everything outside of printable ASCII, quotes and backslashes
   * are escaped, so that it can neither break a line, steer a terminal, nor imitate other letters.
   */
  public static String quote(String text) {
    return text.length() <= MAX_LENGTH
        ? quoteAll(text)
        : quoteAll(text.substring(0, MAX_LENGTH)) + "… (" + text.length() + " characters)";
  }

  /** As {@link #quote} at any length: also a scalar of YAML and a string of JSON. */
  public static String quoteAll(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c >= 0x20 && c < 0x7f) {
            out.append(c);
          } else {
            out.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
