package dev.countersign.cli.terminal;

import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.common.text.SafeText;
import java.time.Duration;

/**
 * One long step on standard error. On a terminal it is a line that is rewritten as details come;
 * elsewhere a line at the start, one every ten seconds at most, and one at the end. Closing it
 * unfinished says that the step was given up.
 */
public final class Progress implements AutoCloseable {
  private static final long PLAIN_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long TERMINAL_INTERVAL_NANOS = Duration.ofMillis(80).toNanos();

  private final Console console;
  private final String title;
  private final long start = System.nanoTime();
  private long lastPrinted = start;
  private boolean finished;

  private Progress(Console console, String title) {
    this.console = console;
    this.title = title;
    if (console.errTerminal()) {
      rewrite(title + " ...");
    } else {
      console.err().println(title + " ...");
    }
  }

  /** Starts a step; the title is a short sentence without a full stop. */
  public static Progress start(Console console, String title) {
    return new Progress(console, title);
  }

  /** Says how far the step is; cheap enough to be called for every file or package. */
  public synchronized void update(String detail) {
    if (finished) {
      return;
    }
    long now = System.nanoTime();
    long interval = console.errTerminal() ? TERMINAL_INTERVAL_NANOS : PLAIN_INTERVAL_NANOS;
    if (now - lastPrinted < interval) {
      return;
    }
    lastPrinted = now;
    if (console.errTerminal()) {
      rewrite("%s ... %s (%s)".formatted(title, SafeText.line(detail), elapsed()));
    } else {
      console.err().printf("  %s (%s)%n", SafeText.line(detail), elapsed());
    }
  }

  /** The step is done; {@code result} may be empty. */
  public void done(String result) {
    finish(console.errStyled(Style.GOOD, "ok"), result);
  }

  /** The step did not work; the reason is told by whoever reports the failure. */
  public void failed(String why) {
    finish(console.errStyled(Style.BAD, "not ok"), why);
  }

  @Override
  public void close() {
    if (!finished) {
      failed("given up");
    }
  }

  private synchronized void finish(String mark, String text) {
    if (finished) {
      return;
    }
    finished = true;
    String tail = text.isEmpty() ? "" : ": " + SafeText.line(text);
    if (console.errTerminal()) {
      console.err().print("\r\u001b[K");
    }
    console.err().printf("%s ... %s (%s)%s%n", title, mark, elapsed(), tail);
    console.err().flush();
  }

  private void rewrite(String line) {
    String cut =
        line.length() >= console.columns() ? line.substring(0, console.columns() - 1) : line;
    console.err().print("\r\u001b[K" + cut);
    console.err().flush();
  }

  private String elapsed() {
    double seconds = (System.nanoTime() - start) / 1e9;
    return seconds < 10 ? "%.1f s".formatted(seconds) : "%.0f s".formatted(seconds);
  }
}
