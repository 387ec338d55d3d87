package dev.countersign.common.name;

import java.util.Optional;

/**
 * What is wrong with a text in the place of a host name. Every test is one pass over the text.
 *
 * <p>Host names follow RFC 952 and RFC 1123: letters, digits and inner hyphens, in labels of 1 to
 * 63, at most 253 characters.
 */
public final class DnsSyntax {
  private static final int LONGEST = 253;
  private static final int LONGEST_LABEL = 63;

  private DnsSyntax() {}

  /** What can be wrong; where there are several, the first of these is reported. */
  public enum Fault {
    /** It holds an asterisk. */
    WILDCARD,
    /** It is an address in some notation. */
    ADDRESS,
    /** It has letters outside ASCII or labels that encode such. */
    INTERNATIONALIZED,
    /** It is a host name, perhaps with underscores, but for a dot at its end. */
    TRAILING_DOT,
    /** It is a host name but for underscores. */
    UNDERSCORE,
    /** It is no host name. */
    NOT_A_HOST_NAME
  }

  /** The fault, or nothing where the text is a host name in ASCII. */
  public static Optional<Fault> fault(String text) {
    if (text.indexOf('*') >= 0) {
      return Optional.of(Fault.WILDCARD);
    }
    if (isAddress(text)) {
      return Optional.of(Fault.ADDRESS);
    }
    if (isInternationalized(text)) {
      return Optional.of(Fault.INTERNATIONALIZED);
    }
    int end = text.length();
    if (isHostName(text, end, false)) {
      return Optional.empty();
    }
    if (isHostName(text, end, true)) {
      return Optional.of(Fault.UNDERSCORE);
    }
    return Optional.of(
        text.endsWith(".") && isHostName(text, end - 1, true)
            ? Fault.TRAILING_DOT
            : Fault.NOT_A_HOST_NAME);
  }

  /** Whether the text is a host name whatever alphabet its labels encode. */
  public static boolean isHostName(String text) {
    return isHostName(text, text.length(), false);
  }

  /**
   * Whether the text is a host name in lower case: what Kubernetes calls an RFC 1123 subdomain, but
   * for labels of more than 63.
   */
  public static boolean isSubdomain(String text) {
    return isHostName(text) && text.chars().noneMatch(c -> c >= 'A' && c <= 'Z');
  }

  /** Whether the text is a host name, or would be one if labels could hold underscores. */
  public static boolean isHostNameOrUnderscored(String text) {
    return isHostName(text, text.length(), true);
  }

  private static boolean isHostName(String text, int end, boolean underscores) {
    if (end == 0 || end > LONGEST) {
      return false;
    }
    int labelStart = 0;
    for (int i = 0; i <= end; i++) {
      char c = i == end ? '.' : text.charAt(i);
      if (c == '.') {
        int length = i - labelStart;
        if (length == 0
            || length > LONGEST_LABEL
            || text.charAt(labelStart) == '-'
            || text.charAt(i - 1) == '-') {
          return false;
        }
        labelStart = i + 1;
      } else if (!isLetter(c) && !isDigit(c) && c != '-' && !(c == '_' && underscores)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether some client would take the text for an address: IPv6 text, also in brackets or with a
   * zone, or what {@code inet_aton} reads: one to four numbers in decimal, octal or hexadecimal.
   */
  public static boolean isAddress(String text) {
    int start = 0;
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '.') {
      end--;
    }
    if (end > 1 && text.charAt(0) == '[' && text.charAt(end - 1) == ']') {
      start = 1;
      end--;
    }
    String bare = text.substring(start, end);
    int zone = bare.indexOf('%');
    if (bare.indexOf(':') >= 0) {
      return IpAddress.parse(zone < 0 ? bare : bare.substring(0, zone)).isPresent();
    }
    int numbers = 0;
    for (int from = 0; from <= bare.length(); ) {
      int dot = bare.indexOf('.', from);
      int to = dot < 0 ? bare.length() : dot;
      if (!isNumber(bare, from, to) || ++numbers > 4) {
        return false;
      }
      from = to + 1;
    }
    return true;
  }

  private static boolean isNumber(String text, int from, int to) {
    if (from == to) {
      return false;
    }
    boolean hexadecimal =
        to - from >= 2
            && text.charAt(from) == '0'
            && (text.charAt(from + 1) == 'x' || text.charAt(from + 1) == 'X');
    for (int i = hexadecimal ? from + 2 : from; i < to; i++) {
      char c = text.charAt(i);
      if (!isDigit(c) && !(hexadecimal && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isInternationalized(String text) {
    boolean labelStarts = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 128 || (labelStarts && text.regionMatches(true, i, "xn--", 0, 4))) {
        return true;
      }
      labelStarts = c == '.';
    }
    return false;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
