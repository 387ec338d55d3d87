package dev.countersign.cli.terminal;

import java.io.FileDescriptor;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * Where a command writes: results to {@link #out}, diagnostics and progress to {@link #err}.
 * Thread-safe as {@link PrintWriter} is.
 *
 * @param out standard output, UTF-8, flushed at each line
 * @param err standard error, UTF-8, flushed at each line
 * @param outTerminal whether standard output is a terminal
 * @param errTerminal whether standard error is a terminal
 * @param colour whether colour is wanted at all ({@code NO_COLOR} unset and {@code TERM} not {@code
 *     dumb})
 * @param columns the terminal's width in characters; 80 where there is none
 */
public record Console(
    PrintWriter out,
    PrintWriter err,
    boolean outTerminal,
    boolean errTerminal,
    boolean colour,
    int columns) {

  private static final int DEFAULT_COLUMNS = 80;

  /** Null-checks; a width below 40 is taken as unknown. */
  public Console {
    Objects.requireNonNull(out);
    Objects.requireNonNull(err);
    if (columns < 40) {
      columns = DEFAULT_COLUMNS;
    }
  }

  /**
   * The process's own console; the launcher says by system properties which streams are terminals.
   */
  public static Console ofProcess(Map<String, String> environment, Properties properties) {
    boolean colour =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.getOrDefault("TERM", ""));
    return new Console(
        StandardWriter.of(FileDescriptor.out, 1),
        StandardWriter.of(FileDescriptor.err, 2),
        Boolean.parseBoolean(properties.getProperty("countersign.terminal.out")),
        Boolean.parseBoolean(properties.getProperty("countersign.terminal.err")),
        colour,
        parseColumns(properties.getProperty("countersign.terminal.columns", "")));
  }

  /** A console that writes plain text to the given writers. */
  public static Console plain(PrintWriter out, PrintWriter err) {
    return new Console(out, err, false, false, false, DEFAULT_COLUMNS);
  }

  /** The same, to streams, of which it tells what could not be written. */
  public static Console plain(OutputStream out, OutputStream err) {
    return plain(StandardWriter.of(out), StandardWriter.of(err));
  }

  /** The same without what is printed on standard error, where that was printed before. */
  public Console withoutWarnings() {
    return new Console(
        out, new PrintWriter(Writer.nullWriter()), outTerminal, errTerminal, colour, columns);
  }

  /** The text in a colour on standard output, or as it is where colour is not wanted. */
  public String outStyled(Style style, String text) {
    return outTerminal && colour ? style.apply(text) : text;
  }

  /** The text in a colour on standard error, or as it is where colour is not wanted. */
  public String errStyled(Style style, String text) {
    return errTerminal && colour ? style.apply(text) : text;
  }

  /**
   * What became of the results: what the system said where they could not all be written; nothing
   * where they were, or where whoever reads them had enough and closed the pipe ({@code | head
   * -1}). Asked once: what was told of is forgotten.
   */
  public Optional<String> takeLostOutput() {
    return takeFailure().filter(why -> !why.closedPipe()).map(StandardWriter.Failure::words);
  }

  /** The same, for a result that must reach somebody: a pipe that nobody reads loses it, too. */
  public Optional<String> takeUnreadOutput() {
    return takeFailure().map(StandardWriter.Failure::words);
  }

  private Optional<StandardWriter.Failure> takeFailure() {
    return out instanceof StandardWriter standard ? standard.takeFailure() : Optional.empty();
  }

  private static int parseColumns(String text) {
    return text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : DEFAULT_COLUMNS;
  }

  /** The few colours that are used, by meaning. */
  public enum Style {
    /** Something is as it should be. */
    GOOD("32"),
    /** Something wants attention. */
    WARNING("33"),
    /** Something is refused or broken. */
    BAD("31"),
    /** A heading. */
    STRONG("1"),
    /** Less important than what stands beside it. */
    FAINT("2");

    private final String code;

    Style(String code) {
      this.code = code;
    }

    private String apply(String text) {
      return "\u001b[" + code + "m" + text + "\u001b[0m";
    }
  }
}
