package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.Join;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.util.Optional;
import java.util.Set;

/** An issuer vouches for name and key, where the token's grant asks for that. */
final class MachineIsAttested implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(
        inspection, facts, config, BootstrapTokenGrant::attestationRequired, FactKind.ATTESTATION);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (facts.join().attestation()
        instanceof Fact.Known<AttestationVerdict>(AttestationVerdict verdict)) {
      JoinAttempt.of(inspection, facts).ifPresent(join -> inspect(verdict, join, findings));
    }
  }

  private static void inspect(AttestationVerdict verdict, Join join, ViolationCollector findings) {
    switch (verdict) {
      case AttestationVerdict.Refused(String path, String got, String want) ->
          findings.add(Reason.ATTESTATION, "attestation." + path, got, want);
      case AttestationVerdict.Attested(String attested, Optional<String> key) -> {
        if (!attested.equals(join.node())) {
          findings.add(
              Reason.ATTESTATION,
              "attestation.node",
              SafeText.quote(attested),
              "the name that is asked for, " + SafeText.quote(join.node()));
        }
        key.filter(attestedKey -> !attestedKey.equals(join.keySha256()))
            .ifPresent(
                attestedKey ->
                    findings.add(
                        Reason.ATTESTATION,
                        "attestation.key",
                        "SHA-256 " + attestedKey,
                        "that of the key in the request, " + join.keySha256()));
      }
    }
  }
}
