package dev.countersign.policy.join;

import java.util.Objects;
import java.util.Optional;

/**
 * What an approval takes. Both are to be written before the approval, in the order of the
 * components, each at the resourceVersion that was read; where a write is refused because someone
 * else was quicker, nothing is approved and the request is decided anew.
 *
 * @param grant the token's grant with this use taken; empty where that is recorded already
 * @param claim the claim to the name; empty where that is recorded already
 */
public record JoinRecords(
    Optional<BootstrapTokenGrant> grant, Optional<NodeNameReservation> claim) {
  /** Nothing is to be written. */
  public static final JoinRecords NONE = new JoinRecords(Optional.empty(), Optional.empty());

  public JoinRecords {
    Objects.requireNonNull(grant, "grant");
    Objects.requireNonNull(claim, "claim");
  }
}
