package dev.countersign.scenarios.structure;

import java.util.List;
import java.util.Locale;

/** What a command prints, as an SVG picture of a terminal that is readable on light and dark. */
final class TerminalPicture {
  private static final double CHARACTER = 7.8;
  private static final int LINE = 18;
  private static final int MARGIN = 16;

  private TerminalPicture() {}

  /**
   * The picture.
   *
   * @param title for those who do not see it
   * @param lines the command, which starts with {@code $}, and its output
   */
  static String of(String title, List<String> lines) {
    int longest = lines.stream().mapToInt(String::length).max().orElse(0);
    long width = Math.round(longest * CHARACTER) + 2 * MARGIN;
    int height = lines.size() * LINE + 2 * MARGIN;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
            <rect width="%d" height="%d" rx="8" fill="#1c2329"/>
            <g font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13" fill="#d5dde3">
            """,
            width,
            height,
            escaped(title),
            width,
            height));
    int baseline = MARGIN;
    for (String line : lines) {
      baseline += LINE;
      svg.append("<text x=\"").append(MARGIN).append("\" y=\"").append(baseline - 5);
      svg.append("\" fill=\"").append(colour(line)).append("\">");
      // Renderers differ in whether they keep several spaces.
      svg.append(escaped(line).replace(' ', '\u00a0')).append("</text>\n");
    }
    return svg.append("</g>\n</svg>\n").toString();
  }

  private static String colour(String line) {
    if (line.startsWith("$ ")) {
      return "#ffffff";
    }
    return switch (line.strip().split("\\s", 2)[0]) {
      case "VIOLATED", "got" -> "#ff9a8a";
      case "ok" -> "#8fd6a8";
      case "off" -> "#7d8b96";
      default -> "#d5dde3";
    };
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
