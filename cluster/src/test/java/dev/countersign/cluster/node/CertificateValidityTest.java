package dev.countersign.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CertificateValidityTest {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");

  @Test
  void renewal_isBetween70And90PercentOfTheTime() {
    CertificateValidity validity = new CertificateValidity(Optional.of(NOW), NOW.plusSeconds(1000));
    assertThat(validity.renewsFrom()).contains(NOW.plusSeconds(700));
    assertThat(validity.renewsUntil()).contains(NOW.plusSeconds(900));
  }

  @Test
  void renewal_unknownBeginning_isNotKnown() {
    CertificateValidity validity = new CertificateValidity(Optional.empty(), NOW);
    assertThat(validity.renewsFrom()).isEmpty();
    assertThat(validity.renewsUntil()).isEmpty();
  }
}
