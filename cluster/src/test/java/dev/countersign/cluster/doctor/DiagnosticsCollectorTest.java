package dev.countersign.cluster.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosticsCollectorTest {
  /** All that an API server may choose from. */
  @ParameterizedTest
  @ValueSource(strings = {":", ": ", "=", " "})
  void flagsIn_anySeparator_areRead(String separator) {
    String text =
        """

        kube-apiserver flagz
        Warning: This endpoint is not meant to be machine parseable.

        enable-bootstrap-token-auth%1$sfalse
        kubelet-certificate-authority%1$s
        etcd-servers%1$s[https://127.0.0.1:2379]
        quoted%1$s"a b"
        """
            .formatted(separator);

    assertThat(DiagnosticsCollector.flagsIn(text))
        .containsAllEntriesOf(
            Map.of(
                "enable-bootstrap-token-auth", "false",
                "kubelet-certificate-authority", "",
                "etcd-servers", "[https://127.0.0.1:2379]",
                "quoted", "a b"));
  }
}
