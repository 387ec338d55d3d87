package dev.countersign.policy.decision;

/**
 * Turns text that an attacker may have chosen into text that is safe in a log line, an event, a
 * condition, a terminal and a page: printable ASCII, of bounded length.
 *
 * <p>Everything outside printable ASCII is escaped, so that a name made of look-alike letters can
 * be told from the name it imitates, and no terminal sequence survives.
 */
public final class SafeText {
  /** Longest text that {@link #quote} and {@link #plain} return, in characters. */
  public static final int LIMIT = 200;

  private static final String CUT = "...";

  private SafeText() {}

  /** The text in double quotes; quotes and backslashes inside it are escaped. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT) + 2).append('"');
    append(out, text, true, LIMIT - 1 - CUT.length());
    return out.append('"').toString();
  }

  /**
   * The text without quotes. Applying it to its own result changes nothing; use it for texts that
   * are composed of words of ours and of quoted parts.
   */
  public static String plain(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT));
    append(out, text, false, LIMIT - CUT.length());
    return out.toString();
  }

  /** At most {@code most} items, each quoted, in brackets, with the number of those left out. */
  public static String list(Iterable<String> items, int most) {
    StringBuilder out = new StringBuilder("[");
    int shown = 0;
    int all = 0;
    for (String item : items) {
      all++;
      if (shown < most && out.length() < LIMIT / 2) {
        out.append(shown == 0 ? "" : ", ").append(quote(item));
        shown++;
      }
    }
    if (all > shown) {
      out.append(shown == 0 ? "" : ", ").append("and ").append(all - shown).append(" more");
    }
    return out.append(']').toString();
  }

  private static boolean isPlain(String text) {
    if (text.length() > LIMIT) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!isPrintable(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintable(int character) {
    return character >= ' ' && character <= '~';
  }

  private static void append(StringBuilder out, String text, boolean quoted, int room) {
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      String piece;
      if (quoted && (point == '"' || point == '\\')) {
        piece = "\\" + (char) point;
      } else if (isPrintable(point)) {
        piece = String.valueOf((char) point);
      } else {
        piece = "\\u{" + Integer.toHexString(point) + "}";
      }
      if (out.length() + piece.length() > room) {
        out.append(CUT);
        return;
      }
      out.append(piece);
      i += Character.charCount(point);
    }
  }
}
