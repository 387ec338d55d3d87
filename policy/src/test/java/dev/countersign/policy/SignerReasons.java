package dev.countersign.policy;

import dev.countersign.policy.decision.Reason;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which signer's requests can have which reason; the tests of each signer's faults hold it to that.
 */
public final class SignerReasons {
  private static final Set<Reason> BOTH =
      EnumSet.of(
          Reason.REQUEST_MALFORMED,
          Reason.REQUEST_TOO_LARGE,
          Reason.SUBJECT_COMMON_NAME_NOT_EXACT,
          Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
          Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
          Reason.SUBJECT_STRING_TYPE,
          Reason.NODE_NAME_SYNTAX,
          Reason.USAGES_NOT_PERMITTED,
          Reason.EXPIRATION_OUT_OF_BOUNDS,
          Reason.KEY_ALGORITHM_NOT_ALLOWED,
          Reason.KEY_SIZE_NOT_ALLOWED,
          Reason.KEY_KNOWN_WEAK,
          Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED,
          Reason.POSSESSION_NOT_PROVEN,
          Reason.FACT_UNKNOWN);
  private static final Set<Reason> CLIENT_ONLY =
      EnumSet.range(Reason.ALTERNATIVE_NAMES, Reason.ATTESTATION);

  private SignerReasons() {}

  /** Those of requests for serving certificates. */
  public static Set<Reason> serving() {
    return EnumSet.complementOf(EnumSet.copyOf(CLIENT_ONLY));
  }

  /** Those of requests for client certificates. */
  public static Set<Reason> client() {
    Set<Reason> reasons = EnumSet.copyOf(CLIENT_ONLY);
    reasons.addAll(BOTH);
    return reasons;
  }
}
