package dev.countersign.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/**
 * Breaks text into lines: between words, and within a word only where the word alone is too long,
 * then after a separator ({@code - . / : , @ =}) or before a capital letter of CamelCase. Widths
 * are in code points.
 */
public final class WordWrap {
  private static final String SEPARATORS = "-./:,@=";

  private WordWrap() {}

  /** The lines of a text, each at most that wide; one empty line for an empty text. */
  public static List<String> wrap(String text, int width) {
    if (width(text) <= width) {
      return List.of(text);
    }
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      String gap = line.isEmpty() ? "" : " ";
      if (width(line) + gap.length() + width(word) <= width) {
        line.append(gap).append(word);
        continue;
      }
      if (!line.isEmpty()) {
        lines.add(line.toString());
        line.setLength(0);
      }
      for (String piece : pieces(word)) {
        if (width(line) + width(piece) > width && !line.isEmpty()) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(piece);
        while (width(line) > width) {
          int end = line.offsetByCodePoints(0, width);
          lines.add(line.substring(0, end));
          line.delete(0, end);
        }
      }
    }
    lines.add(line.toString());
    return List.copyOf(lines);
  }

  /** How wide a text is. */
  static int width(CharSequence text) {
    return Character.codePointCount(text, 0, text.length());
  }

  /** How wide a line must be so that no word is broken. */
  static int longestWord(String text) {
    return longest(List.of(text.split(" ", -1)));
  }

  /** How wide a line must be so that words are broken at separators only. */
  static int longestPiece(String text) {
    int longest = 0;
    for (String word : text.split(" ", -1)) {
      longest = Math.max(longest, longest(pieces(word)));
    }
    return longest;
  }

  private static int longest(List<String> texts) {
    return texts.stream().mapToInt(WordWrap::width).max().orElse(0);
  }

  private static List<String> pieces(String word) {
    List<String> pieces = new ArrayList<>();
    int start = 0;
    for (int i = 1; i < word.length(); i++) {
      boolean separated = SEPARATORS.indexOf(word.charAt(i - 1)) >= 0;
      boolean capital =
          Character.isLowerCase(word.charAt(i - 1)) && Character.isUpperCase(word.charAt(i));
      if (separated || capital) {
        pieces.add(word.substring(start, i));
        start = i;
      }
    }
    pieces.add(word.substring(start));
    return pieces;
  }
}
