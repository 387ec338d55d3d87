package dev.countersign.approver.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.testkit.FixedClock;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteFailuresTest {
  private static final WriteFailures.Trouble NO_NAMESPACE =
      new WriteFailures.Trouble("refused: 404", "create the namespace");
  private static final WriteFailures.Trouble UNREACHABLE =
      new WriteFailures.Trouble("no answer", "");

  private final StringWriter out = new StringWriter();
  private final StructuredLog log =
      new StructuredLog(out, LogFormat.TEXT, FixedClock.at("2026-11-22T00:00:00Z"));
  private final WriteFailures troubles = new WriteFailures();

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void eachCause_isSaidOnce_withTheLongestPause() {
    troubles.add(NO_NAMESPACE, Duration.ofSeconds(1));
    troubles.add(UNREACHABLE, Duration.ofSeconds(4));
    troubles.add(NO_NAMESPACE, Duration.ofSeconds(8));
    troubles.say(log);
    troubles.say(log);
    log.close();

    assertThat(out.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("shards=2") && line.contains("tried again in 8 s"))
        .anyMatch(
            line -> line.contains("shards=1") && line.contains("next=\"tried again in 4 s\""));
  }
}
