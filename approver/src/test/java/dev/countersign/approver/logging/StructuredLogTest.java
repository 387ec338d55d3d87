package dev.countersign.approver.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.FixedClock;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StructuredLogTest {
  private static final FixedClock CLOCK = FixedClock.at("2026-11-22T00:00:00Z");

  @Test
  void info_text_attackersTextIsEscaped() {
    StringWriter out = new StringWriter();
    try (StructuredLog log = new StructuredLog(out, LogFormat.TEXT, CLOCK)) {
      log.info("deferred", "csr", "a\nforged line", "node", "plain", "n", 5);
    }
    assertThat(out.toString())
        .isEqualTo("2026-11-22T00:00:00Z INFO  deferred csr=\"a\\nforged line\" node=plain n=5\n");
  }

  @Test
  void warn_json_isOneObjectALine() {
    StringWriter out = new StringWriter();
    try (StructuredLog log = new StructuredLog(out, LogFormat.JSON, CLOCK)) {
      log.warn("deferred", "csr", "a\"b\n", "n", 5L);
    }
    assertThat(out.toString())
        .isEqualTo(
            "{\"time\":\"2026-11-22T00:00:00Z\",\"level\":\"warn\",\"event\":\"deferred\","
                + "\"csr\":\"a\\\"b\\n\",\"n\":5}\n");
  }

  /**
   * Whoever makes a request chooses its name: it may not move the cursor, or turn the line round.
   */
  @Test
  void warn_json_namesWithControlsAreEscaped() {
    StringWriter out = new StringWriter();
    try (StructuredLog log = new StructuredLog(out, LogFormat.JSON, CLOCK)) {
      log.warn("deferred", "csr", "a\u009b1A\u202ebc\u2028\u00fc");
    }
    assertThat(out.toString()).endsWith("\"csr\":\"a\\u009B1A\\u202Ebc\\u2028\\u00FC\"}\n");
  }

  /** Those that come right after each other are gathered for a moment; none may stay behind. */
  @Test
  void close_rightAfterManyLines_allAreThereInTheirOrder() {
    for (int round = 0; round < 20; round++) {
      StringWriter out = new StringWriter();
      try (StructuredLog log = new StructuredLog(out, LogFormat.TEXT, CLOCK)) {
        for (int i = 0; i < 50; i++) {
          log.info("line", "n", i);
        }
      }
      assertThat(out.toString().lines().map(line -> line.substring(line.indexOf("n="))))
          .hasSize(50)
          .startsWith("n=0", "n=1")
          .endsWith("n=49");
    }
  }

  /** As a pipe that nobody reads: what is written waits, and no virtual thread waits with it. */
  @Test
  void info_targetBlocks_holdsNoCarrierOfVirtualThreads() {
    AtomicReference<Thread> writer = new AtomicReference<>();
    StringWriter out =
        new StringWriter() {
          @Override
          public StringWriter append(CharSequence text) {
            writer.set(Thread.currentThread());
            return super.append(text);
          }
        };
    try (StructuredLog log = new StructuredLog(out, LogFormat.TEXT, CLOCK)) {
      log.info("started");
    }
    assertThat(out.toString()).endsWith("started\n");
    assertThat(writer.get().isVirtual()).isFalse();
    assertThat(writer.get().isDaemon()).isTrue();
  }

  @Test
  void info_targetTakesNothing_isCountedAndGoesOn() {
    Appendable full =
        new Appendable() {
          @Override
          public Appendable append(CharSequence text) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public Appendable append(CharSequence text, int start, int end) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public Appendable append(char c) throws IOException {
            throw new IOException("no space left");
          }
        };
    StructuredLog log = new StructuredLog(full, LogFormat.TEXT, CLOCK);
    log.info("one");
    log.info("two");
    log.close();
    assertThat(log.dropped()).isEqualTo(2);
  }

  @Test
  void take_oneRequestorFloods_lastLineIsMarkedAndOthersAreNotAffected() {
    LogRateLimiter budget = new LogRateLimiter(2);
    Instant now = CLOCK.instant();
    assertThat(budget.take("a", now)).isEqualTo(LogRateLimiter.Verdict.WRITE);
    assertThat(budget.take("a", now)).isEqualTo(LogRateLimiter.Verdict.WRITE_LAST);
    assertThat(budget.take("a", now)).isEqualTo(LogRateLimiter.Verdict.LEAVE_OUT);
    assertThat(budget.take("b", now)).isEqualTo(LogRateLimiter.Verdict.WRITE);
    assertThat(budget.take("a", now.plusSeconds(60))).isEqualTo(LogRateLimiter.Verdict.WRITE);
  }

  @Test
  void lines_belowTheLevel_areLeftOut() throws Exception {
    StringWriter out = new StringWriter();
    try (StructuredLog log = new StructuredLog(out, LogFormat.TEXT, CLOCK)) {
      log.debug("unseen");
      log.info("seen");
    }
    StringWriter verbose = new StringWriter();
    try (StructuredLog log =
        new StructuredLog(verbose, LogFormat.TEXT, StructuredLog.Level.DEBUG, CLOCK)) {
      log.debug("seen", "key", "value");
    }

    assertThat(out.toString()).contains(" INFO  seen").doesNotContain("unseen");
    assertThat(verbose.toString()).contains(" DEBUG seen key=value");
  }
}
