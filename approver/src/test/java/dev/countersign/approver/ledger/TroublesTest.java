package dev.countersign.approver.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.log.LogFormat;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.testkit.FixedClock;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TroublesTest {
  private static final Troubles.Trouble NO_NAMESPACE =
      new Troubles.Trouble("refused: 404", "create the namespace");
  private static final Troubles.Trouble UNREACHABLE = new Troubles.Trouble("no answer", "");

  private final StringWriter out = new StringWriter();
  private final StructuredLog log =
      new StructuredLog(out, LogFormat.TEXT, FixedClock.at("2026-11-22T00:00:00Z"));
  private final Troubles troubles = new Troubles();

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void endPass_ofManyRecordsWithOneCause_saysItOnce() {
    troubles.add(NO_NAMESPACE, 3);
    troubles.add(UNREACHABLE, 1);
    troubles.add(NO_NAMESPACE, 4);

    assertThat(troubles.endPass(log)).isEqualTo(Duration.ofSeconds(1));
    // It writes on a thread of its own.
    log.close();
    assertThat(out.toString().lines())
        .containsExactly(
            "2026-11-22T00:00:00Z WARN  address-record-not-written claims=7 why=\"refused: 404\""
                + " next=\"create the namespace; tried again in 1 s\"",
            "2026-11-22T00:00:00Z WARN  address-record-not-written claims=1 why=\"no answer\""
                + " next=\"tried again in 1 s\"");
  }

  @Test
  void endPass_inTroubleAgainAndAgain_waitsLonger_upToHalfAMinute() {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      troubles.add(UNREACHABLE, 1);
      pauses.add(troubles.endPass(log).toSeconds());
    }
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
  }

  @Test
  void endPass_withoutTrouble_doesNotWait_andTheNextTroubleIsAFirstOne() {
    troubles.add(UNREACHABLE, 1);
    troubles.add(UNREACHABLE, 1);
    troubles.endPass(log);

    assertThat(troubles.endPass(log)).isZero();
    troubles.add(UNREACHABLE, 1);
    assertThat(troubles.endPass(log)).isEqualTo(Duration.ofSeconds(1));
  }
}
