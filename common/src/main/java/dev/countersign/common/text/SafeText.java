package dev.countersign.common.text;

/**
 * Makes text that others chose (names and annotations of objects, contents of requests, answers of
 * servers) safe to show in a log line, an event, a condition, on a terminal and on a page.
 *
 * <p>One rule: what is not shown as it is becomes an escape of JSON ({@code \n}, {@code \u009b}; a
 * character beyond U+FFFF two of them). {@link #quote}, {@link #quoteAll}, {@link #plain} and
 * {@link #list} show printable ASCII only, so that a name of look-alike letters can be told from
 * the name it imitates. {@link #line} and {@link #lines} also show the letters of every script, for
 * texts that people write, such as names of files.
 */
public final class SafeText {
  /** Longest text that {@link #quote} and {@link #plain} return, in characters. */
  public static final int LIMIT = 200;

  private static final String CUT = "...";

  private SafeText() {}

  /** Returns the text in double quotes; quotes and backslashes inside it are escaped. */
  public static String quote(String text) {
    return quote(text, LIMIT);
  }

  /** Does what {@link #quote} does at any length: a string of JSON. */
  public static String quoteAll(String text) {
    return quote(text, Integer.MAX_VALUE);
  }

  private static String quote(String text, int limit) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT) + 2).append('"');
    append(out, text, true, limit - 1 - CUT.length());
    return out.append('"').toString();
  }

  /**
   * Returns the text without quotes. Applying it to its own result changes nothing; use it for
   * texts that are composed of words of ours and of quoted parts.
   */
  public static String plain(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT));
    append(out, text, false, LIMIT - CUT.length());
    return out.toString();
  }

  /** Returns at most {@code most} items, each quoted, in brackets, and the number of the others. */
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

  /**
   * Returns the whole text on one line, without quotes: a name in a table, a file's path. Applying
   * it to its own result changes nothing.
   */
  public static String line(String text) {
    return visible(text, "");
  }

  /** Does what {@link #line} does to each line of a text; line feeds and tabs stay. */
  public static String lines(String text) {
    return visible(text, "\n\t");
  }

  private static String visible(String text, String kept) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      if (isVisible(point) || kept.indexOf(point) >= 0) {
        out.appendCodePoint(point);
      } else {
        out.append(escape(point));
      }
      i += Character.charCount(point);
    }
    return out.toString();
  }

  /** Whether it has a form of its own and changes that of nothing else. */
  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  private static boolean isPlain(String text) {
    return text.length() <= LIMIT && text.chars().allMatch(SafeText::isPrintableAscii);
  }

  private static boolean isPrintableAscii(int point) {
    return point >= ' ' && point <= '~';
  }

  private static void append(StringBuilder out, String text, boolean quoted, int room) {
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      String piece;
      if (quoted && (point == '"' || point == '\\')) {
        piece = "\\" + (char) point;
      } else if (isPrintableAscii(point)) {
        piece = String.valueOf((char) point);
      } else {
        piece = escape(point);
      }
      if (out.length() + piece.length() > room) {
        out.append(CUT);
        return;
      }
      out.append(piece);
      i += Character.charCount(point);
    }
  }

  private static String escape(int point) {
    return switch (point) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> {
        StringBuilder units = new StringBuilder();
        for (char unit : Character.toChars(point)) {
          units.append("\\u").append(String.format("%04x", (int) unit));
        }
        yield units.toString();
      }
    };
  }
}
