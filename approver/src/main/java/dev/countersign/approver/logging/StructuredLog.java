package dev.countersign.approver.logging;

import dev.countersign.common.text.SafeText;
import dev.countersign.kube.json.JsonWriting;
import java.io.Flushable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lines of a time, a level, an event and fields. Values are escaped and cut, whoever chose them. A
 * line is handed to a writing thread; when that cannot keep up (a full disk, a blocked pipe) lines
 * are dropped and counted, and work goes on. Thread-safe.
 */
public final class StructuredLog implements AutoCloseable {
  /** How grave a line is. */
  public enum Level {
    /** Of interest to whoever asks for it. */
    DEBUG,
    /** As it should be. */
    INFO,
    /** Something an operator should look at. */
    WARN,
    /** Something that keeps us from working. */
    ERROR
  }

  private static final int CAPACITY = 8192;
  private static final int VALUE_LIMIT = 900;
  private static final String END = "";

  /** How long lines are gathered while one comes right after the other. */
  private static final Duration BATCH = Duration.ofMillis(10);

  private final Appendable target;
  private final LogFormat format;
  private final Level least;
  private final InstantSource clock;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(CAPACITY);

  /** Ends the wait for more lines. */
  private final Semaphore closing = new Semaphore(0);

  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;

  /** Lines handed to the target since it was last flushed; for the writing thread alone. */
  private int unflushed;

  /** A log of level info and above. */
  public StructuredLog(Appendable target, LogFormat format, InstantSource clock) {
    this(target, format, Level.INFO, clock);
  }

  /**
   * A log that writes to {@code target}, which only its own thread touches.
   *
   * @param least lines below this level are left out
   */
  public StructuredLog(Appendable target, LogFormat format, Level least, InstantSource clock) {
    this.target = target;
    this.format = format;
    this.least = least;
    this.clock = clock;
    // Not a virtual one: while nobody reads the pipe that it writes to, it would hold its carrier,
    // and all else with it.
    this.writer = Thread.ofPlatform().daemon().name("log").start(this::write);
  }

  /** Writes a line for whoever asks for it. */
  public void debug(String event, Object... keysAndValues) {
    line(Level.DEBUG, event, keysAndValues);
  }

  /** Writes a line of our own making. */
  public void info(String event, Object... keysAndValues) {
    line(Level.INFO, event, keysAndValues);
  }

  /** Writes a line that an operator should look at. */
  public void warn(String event, Object... keysAndValues) {
    line(Level.WARN, event, keysAndValues);
  }

  /** Writes a line about something that keeps us from working. */
  public void error(String event, Object... keysAndValues) {
    line(Level.ERROR, event, keysAndValues);
  }

  /**
   * Writes a line.
   *
   * @param keysAndValues a key, its value, and so on; values are shown by their {@code toString}
   */
  public void line(Level level, String event, Object... keysAndValues) {
    if (keysAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a log line must have a value for each key: " + event);
    }
    if (level.compareTo(least) < 0) {
      return;
    }
    String time = clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    String line =
        switch (format) {
          case TEXT -> text(time, level, event, keysAndValues);
          case JSON -> json(time, level, event, keysAndValues);
        };
    if (!lines.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  private static String text(String time, Level level, String event, Object... keysAndValues) {
    StringBuilder out = new StringBuilder(160);
    out.append(time).append(' ').append(level).append(level.name().length() == 5 ? " " : "  ");
    out.append(event);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      String value = cut(String.valueOf(keysAndValues[i + 1]));
      out.append(' ').append(keysAndValues[i]).append('=');
      out.append(bare(value) ? value : SafeText.quoteAll(value));
    }
    return out.append('\n').toString();
  }

  private static boolean bare(String value) {
    if (value.isEmpty()) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') {
        return false;
      }
    }
    return true;
  }

  private static String json(String time, Level level, String event, Object... keysAndValues) {
    byte[] bytes =
        JsonWriting.object(
            generator -> {
              // What turns text around, or moves a terminal's cursor, is not for an operator's
              // eyes.
              generator.setHighestNonEscapedChar(0x7f);
              generator.writeStringField("time", time);
              generator.writeStringField("level", level.name().toLowerCase(Locale.ROOT));
              generator.writeStringField("event", event);
              for (int i = 0; i < keysAndValues.length; i += 2) {
                String key = String.valueOf(keysAndValues[i]);
                Object value = keysAndValues[i + 1];
                if (value instanceof Long || value instanceof Integer) {
                  generator.writeNumberField(key, ((Number) value).longValue());
                } else {
                  generator.writeStringField(key, cut(String.valueOf(value)));
                }
              }
            });
    return new String(bytes, StandardCharsets.UTF_8).replace("\u007f", "\\u007f") + "\n";
  }

  private static String cut(String value) {
    return value.length() <= VALUE_LIMIT ? value : value.substring(0, VALUE_LIMIT) + "...";
  }

  private void write() {
    try {
      long flushedNanos = System.nanoTime() - BATCH.toNanos();
      while (true) {
        String line = lines.take();
        if (line.equals(END)) {
          flush();
          return;
        }
        append(line);
        if (lines.isEmpty()) {
          flush();
          long before = flushedNanos;
          flushedNanos = System.nanoTime();
          if (flushedNanos - before < BATCH.toNanos()) {
            // In a burst, to be woken up for each line costs more than to write it.
            closing.tryAcquire(BATCH.toMillis(), TimeUnit.MILLISECONDS);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void append(String line) {
    try {
      target.append(line);
      unflushed++;
    } catch (IOException e) {
      dropped.incrementAndGet();
    }
  }

  private void flush() {
    try {
      if (target instanceof PrintWriter printer) {
        // It throws nothing, so it is asked.
        if (printer.checkError()) {
          dropped.addAndGet(unflushed);
        }
      } else if (target instanceof Flushable flushable) {
        flushable.flush();
      }
    } catch (IOException e) {
      dropped.addAndGet(unflushed);
    }
    unflushed = 0;
  }

  /** How many lines could not be written. */
  public long dropped() {
    return dropped.get();
  }

  /** The time that lines carry. */
  public Instant now() {
    return clock.instant();
  }

  /** Writes what is queued, as long as that takes no more than two seconds. */
  @Override
  public void close() {
    closing.release();
    try {
      // Whoever is interrupted finds room in most cases, and the writing thread ends.
      if (lines.offer(END) || lines.offer(END, 1, TimeUnit.SECONDS)) {
        writer.join(2000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
