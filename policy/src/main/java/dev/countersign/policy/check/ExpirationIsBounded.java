package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import java.time.Duration;

/** {@code spec.expirationSeconds}, where it is given, lies within the policy's bounds. */
final class ExpirationIsBounded implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    Duration shortest = config.limits().shortest();
    Duration longest = config.limits().longest();
    inspection
        .csr()
        .expiration()
        .filter(asked -> asked.compareTo(shortest) < 0 || asked.compareTo(longest) > 0)
        .ifPresent(
            asked ->
                findings.add(
                    Reason.EXPIRATION_OUT_OF_BOUNDS,
                    "spec.expirationSeconds",
                    String.valueOf(asked.toSeconds()),
                    shortest.toSeconds() + " to " + longest.toSeconds() + ", or none"));
  }
}
