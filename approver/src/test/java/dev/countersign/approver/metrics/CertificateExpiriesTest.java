package dev.countersign.approver.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificateExpiriesTest {
  private static final NodeName A = NodeName.parse("a").orElseThrow();
  private static final NodeName B = NodeName.parse("b").orElseThrow();
  private static final NodeName C = NodeName.parse("c").orElseThrow();

  @Test
  void issued_keepsTheNewest_upToTheBound() {
    CertificateExpiries expiries = new CertificateExpiries(2);
    expiries.issued(A, Instant.ofEpochSecond(200));
    expiries.issued(A, Instant.ofEpochSecond(100));
    expiries.issued(B, Instant.ofEpochSecond(300));
    expiries.issued(C, Instant.ofEpochSecond(400));
    expiries.issued(B, Instant.ofEpochSecond(301));

    assertThat(expiries.seconds()).containsOnlyKeys("a", "b");
    assertThat(expiries.seconds()).containsEntry("a", 200.0).containsEntry("b", 301.0);

    expiries.gone(A);
    expiries.issued(C, Instant.ofEpochSecond(400));
    assertThat(expiries.seconds()).containsOnlyKeys("b", "c");
    assertThat(expiries.size()).isEqualTo(2);
  }

  @Test
  void issued_off_keepsNothing() {
    CertificateExpiries expiries = new CertificateExpiries(0);
    expiries.issued(A, Instant.ofEpochSecond(200));

    assertThat(expiries.on()).isFalse();
    assertThat(expiries.seconds()).isEmpty();
  }
}
