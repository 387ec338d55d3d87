package dev.countersign.approver.log;

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
      OptionalInt times = backoff.met("nodes", "403 Forbidden");
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
    assertThat(backoff.met("nodes", "403 Forbidden")).hasValue(1);
    assertThat(backoff.met("nodes", "connection refused")).hasValue(1);
    assertThat(backoff.met("services", "403 Forbidden")).hasValue(1);
    assertThat(backoff.met("nodes", "403 Forbidden")).isEmpty();
  }

  @Test
  void whatWorksAgain_isLoggedAtOnceTheNextTime() {
    backoff.met("nodes", "403 Forbidden");
    now = now.plus(Duration.ofSeconds(1));
    backoff.over("nodes");
    assertThat(backoff.met("nodes", "403 Forbidden")).hasValue(1);
  }
}
