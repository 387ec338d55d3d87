package dev.countersign.cluster.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestDiagnosticsTest {
  private static RequestView denied(String condition) {
    CertificateSigningRequest csr =
        Serialization.unmarshal(
            """
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: csr-1, creationTimestamp: "2026-11-22T01:00:00Z"}
            spec: {signerName: kubernetes.io/kubelet-serving, username: "system:node:a"}
            status: {conditions: [{type: Denied, status: "True"%s}]}
            """
                .formatted(condition),
            CertificateSigningRequest.class);
    return RequestDiagnostics.views(List.of(csr), List.of()).getFirst();
  }

  @Test
  void views_denied_reasonAndMessageAreThoseOfTheCondition() {
    RequestView request = denied(", reason: 'No: not so', message: 'got x: y; want z'");

    assertThat(request.reason()).contains("No: not so");
    assertThat(request.message()).contains("got x: y; want z");
    assertThat(request.why()).isEqualTo("No: not so: got x: y; want z");
  }

  @Test
  void views_deniedWithoutReasonOrMessage_saysWhatThereIs() {
    assertThat(denied("").why()).isEqualTo("no reason given");
    assertThat(denied(", reason: No").why()).isEqualTo("No");
    assertThat(denied(", message: 'a: b'").why()).isEqualTo("a: b");
    assertThat(denied(", message: 'a: b'").reason()).isEmpty();
  }

  @Test
  void views_requestThatCannotBeRead_namesNobody() {
    assertThat(denied("").subject().node()).isEmpty();
    assertThat(denied("").subject().names()).isEmpty();
  }
}
