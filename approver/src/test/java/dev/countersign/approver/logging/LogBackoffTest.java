package dev.countersign.approver.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LogBackoffTest {
  private Instant now = Instant.EPOCH;
  private final LogBackoff backoff = new LogBackoff(() -> now);

  @Test
  void troubleThatLasts_isLoggedAtOnce_andThenEverMoreSeldom() {
    List<Long> logged = new ArrayList<>();
    int met = 0;
    for (int second = 0; second < 3600; second++) {
      now = Instant.EPOCH.plusSeconds(second);
      OptionalInt times = backoff.shouldLog("nodes", "403 Forbidden");
      if (times.isPresent()) {
        logged.add((long) second);
        met += times.getAsInt();
      }
    }
    assertThat(logged).containsExactly(0L, 30L, 90L, 210L, 450L, 930L, 1530L, 2130L, 2730L, 3330L);
    assertThat(met).isEqualTo(3331);
  }

  @Test
  void otherTrouble_andTroubleOfOthers_isLoggedAtOnce() {
    assertThat(backoff.shouldLog("nodes", "403 Forbidden")).hasValue(1);
    assertThat(backoff.shouldLog("nodes", "connection refused")).hasValue(1);
    assertThat(backoff.shouldLog("services", "403 Forbidden")).hasValue(1);
    assertThat(backoff.shouldLog("nodes", "403 Forbidden")).isEmpty();
  }

  @Test
  void whatWorksAgain_isLoggedAtOnceTheNextTime() {
    backoff.shouldLog("nodes", "403 Forbidden");
    now = now.plus(Duration.ofSeconds(1));
    backoff.reset("nodes");
    assertThat(backoff.shouldLog("nodes", "403 Forbidden")).hasValue(1);
  }

  @Test
  void troubleThatWasSilentForAPause_isNew() {
    List<Long> logged = new ArrayList<>();
    for (int second = 0; second < 7200; second++) {
      now = Instant.EPOCH.plusSeconds(second);
      // A leader that cannot renew for two minutes of each hour, and is not deposed.
      if (second % 3600 < 120 && backoff.shouldLog("lease", "connection refused").isPresent()) {
        logged.add((long) second);
      }
    }
    assertThat(logged).containsExactly(0L, 30L, 90L, 3600L, 3630L, 3690L);
  }
}
