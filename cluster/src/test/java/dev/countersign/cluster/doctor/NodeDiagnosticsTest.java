package dev.countersign.cluster.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeDiagnosticsTest {
  private static final String METRICS =
      """
      # HELP kubelet_certificate_manager_client_ttl_seconds [ALPHA] Gauge of the TTL
      # TYPE kubelet_certificate_manager_client_ttl_seconds gauge
      kubelet_certificate_manager_client_ttl_seconds %s
      kubelet_certificate_manager_server_ttl_seconds 17
      """;

  @Test
  void clientTtl_asKubeletsWriteIt_isRead() {
    assertThat(NodeDiagnostics.clientTtl(METRICS.formatted("3.1534802e+07")))
        .contains(Duration.ofSeconds(31_534_802));
    assertThat(NodeDiagnostics.clientTtl(METRICS.formatted("-12")))
        .contains(Duration.ofSeconds(-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+Inf", "NaN", "", "x", "1e99", "1e12"})
  void clientTtl_noNumberOfSecondsAsOfAnyCertificate_isNotKnown(String value) {
    assertThat(NodeDiagnostics.clientTtl(METRICS.formatted(value))).isEmpty();
  }

  @Test
  void clientTtl_otherMetrics_isNotKnown() {
    assertThat(NodeDiagnostics.clientTtl("up 1\n")).isEmpty();
  }
}
