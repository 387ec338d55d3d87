package dev.countersign.approver.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.lookup.NoCluster;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestJoinLookUpsTest {
  private static final Fact<AttestationVerdict> OTHER = refused("iss");
  private static final Fact<AttestationVerdict> OTHER_TOO = refused("iss");
  private static final Fact<AttestationVerdict> EXPIRED = refused("exp");
  private static final Fact<AttestationVerdict> SILENT = Fact.unknown("no answer");
  private static final Fact<AttestationVerdict> HOLDS =
      Fact.known(new AttestationVerdict.Attested("worker-1", Optional.empty()));

  private static Fact<AttestationVerdict> refused(String path) {
    return Fact.known(new AttestationVerdict.Refused(path, "one", "another"));
  }

  static Stream<Arguments> issuers() {
    return Stream.of(
        Arguments.of(EXPIRED, List.of(EXPIRED, OTHER)),
        Arguments.of(EXPIRED, List.of(OTHER, EXPIRED, OTHER)),
        Arguments.of(OTHER, List.of(OTHER, OTHER_TOO)),
        Arguments.of(HOLDS, List.of(OTHER, SILENT, EXPIRED, HOLDS)),
        Arguments.of(SILENT, List.of(EXPIRED, SILENT)));
  }

  @ParameterizedTest
  @MethodSource("issuers")
  void whatIsTold_isOfTheIssuerThatTheDocumentNames(
      Fact<AttestationVerdict> told, List<Fact<AttestationVerdict>> verdicts) {
    List<Attestation> attestations =
        verdicts.stream().<Attestation>map(verdict -> (_, _, _) -> verdict).toList();
    RequestJoinLookUps lookUps =
        new RequestJoinLookUps(
            new NoCluster(),
            JoinOptions.defaults().withAttestations(attestations),
            InstantSource.system(),
            Instant.EPOCH,
            Optional.of("document"));
    assertThat(lookUps.attestation()).isEqualTo(told);
  }
}
