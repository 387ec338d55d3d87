package dev.countersign.approver.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.logging.LogRateLimiter.Verdict;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogRateLimiterTest {
  private static final Instant T0 = Instant.parse("2026-11-22T01:00:00Z");

  @Test
  void requestor_getsItsLinesAMinute_andIsToldWhichIsTheLast() {
    LogRateLimiter budget = new LogRateLimiter(3);

    assertThat(budget.take("a", T0)).isEqualTo(Verdict.WRITE);
    assertThat(budget.take("a", T0)).isEqualTo(Verdict.WRITE);
    assertThat(budget.take("a", T0.plusSeconds(59))).isEqualTo(Verdict.WRITE_LAST);
    assertThat(budget.take("a", T0.plusMillis(59_999))).isEqualTo(Verdict.LEAVE_OUT);
    assertThat(budget.take("a", T0.plusSeconds(60))).isEqualTo(Verdict.WRITE);
  }

  @Test
  void oneRequestorsFlood_takesNothingFromAnother() {
    LogRateLimiter budget = new LogRateLimiter(1);

    assertThat(budget.take("a", T0)).isEqualTo(Verdict.WRITE_LAST);
    assertThat(budget.take("a", T0)).isEqualTo(Verdict.LEAVE_OUT);
    assertThat(budget.take("b", T0)).isEqualTo(Verdict.WRITE_LAST);
  }
}
