package dev.countersign.cli.demo;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.common.text.SafeText;
import java.util.List;

/** The demo's voice: numbered chapters and wrapped lines on standard output. */
public final class Scenario {
  private static final int COMMAND_WIDTH = 92;

  private final Console console;
  private int chapter;

  /** A voice on standard output. */
  public Scenario(Console console) {
    this(console, 0);
  }

  /** A voice that goes on after some chapters that another process told. */
  public Scenario(Console console, int told) {
    this.console = console;
    this.chapter = told;
  }

  /** How many chapters were told. */
  public int chapters() {
    return chapter;
  }

  /** Begins a numbered chapter. */
  public void chapter(String title) {
    chapter++;
    console.out().println();
    console.out().println(console.outStyled(Style.STRONG, chapter + ". " + title));
    console.out().flush();
  }

  /** A paragraph, wrapped. */
  public void say(String text) {
    wrap(text, "   ").forEach(console.out()::println);
  }

  /** A verdict with a title, and beneath it what was said of it. */
  void verdict(Style style, String verdict, String title, String reason, String detail) {
    console
        .out()
        .println(
            "   %s %s  %s"
                .formatted(
                    console.outStyled(style, "%-8s".formatted(verdict)),
                    "%-38s".formatted(title),
                    console.outStyled(Style.STRONG, SafeText.line(reason))));
    if (!detail.isEmpty()) {
      wrap(detail, "            ")
          .forEach(line -> console.out().println(console.outStyled(Style.FAINT, line)));
    }
    console.out().flush();
  }

  /** A command line as a shell would take it, wrapped at its words. */
  public void command(List<String> words) {
    List<String> wrapped = new java.util.ArrayList<>();
    StringBuilder line = new StringBuilder("$");
    for (String word : words) {
      if (line.length() + word.length() > COMMAND_WIDTH) {
        wrapped.add(line + " \\");
        line = new StringBuilder("   ");
      }
      line.append(' ').append(SafeText.line(word));
    }
    wrapped.add(line.toString());
    lines(wrapped);
  }

  /** Sentences as a list, one a line. */
  public void items(List<String> sentences) {
    lines(sentences.stream().map(each -> "- " + each).toList());
  }

  /** Lines as they are, indented. */
  public void lines(List<String> lines) {
    lines.forEach(line -> console.out().println("   " + line));
    console.out().flush();
  }

  private static List<String> wrap(String text, String indent) {
    int width = 79;
    List<String> lines = new java.util.ArrayList<>();
    StringBuilder line = new StringBuilder(indent);
    for (String word : SafeText.lines(text).replace('\n', ' ').split(" ", -1)) {
      if (line.length() > indent.length() && line.length() + word.length() + 1 > width) {
        lines.add(line.toString());
        line = new StringBuilder(indent);
      }
      if (line.length() > indent.length()) {
        line.append(' ');
      }
      line.append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
