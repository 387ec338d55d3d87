package dev.countersign.common.text;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Values as YAML writes them. What is not escaped is shown as it is: texts that others chose are
 * made safe for people by {@link SafeText}.
 */
public final class YamlText {
  private static final Pattern PLAIN =
      Pattern.compile("(?:--)?[A-Za-z/][A-Za-z0-9_./@*$()%+,=-]*(?::[A-Za-z0-9_./@*$()%+,=-]+)*");
  private static final Pattern SPECIAL =
      Pattern.compile("(?i)true|false|yes|no|on|off|y|n|null|[+-]?\\.(?:inf|nan)");

  private YamlText() {}

  /** A scalar: bare where every YAML reader takes it for the same string, else in quotes. */
  public static String scalar(String text) {
    return PLAIN.matcher(text).matches() && !SPECIAL.matcher(text).matches() ? text : quoted(text);
  }

  /** A scalar in double quotes, escaped as in JSON, so that it stays on one line. */
  public static String quoted(String text) {
    StringBuilder result = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> result.append("\\\"");
        case '\\' -> result.append("\\\\");
        case '\n' -> result.append("\\n");
        case '\t' -> result.append("\\t");
        default -> {
          if (c < ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff) {
            result.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            result.append(c);
          }
        }
      }
    }
    return result.append('"').toString();
  }

  /** The elements of a block sequence. */
  public static List<String> list(List<String> texts) {
    return texts.stream().map(text -> "- " + scalar(text)).toList();
  }

  /** The lines of a text, for a block scalar. */
  public static List<String> block(String text) {
    return text.lines().toList();
  }
}
