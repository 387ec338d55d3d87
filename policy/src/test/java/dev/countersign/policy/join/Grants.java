package dev.countersign.policy.join;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Grants that tests begin with. */
final class Grants {
  private Grants() {}

  /** A grant of one use for one name until {@code notAfter}. */
  static BootstrapTokenGrant singleUse(TokenId token, NodePattern node, Instant notAfter) {
    return new BootstrapTokenGrant(
        token,
        List.of(node),
        OptionalInt.of(1),
        Optional.empty(),
        Optional.of(notAfter),
        false,
        false,
        false,
        List.of());
  }
}
