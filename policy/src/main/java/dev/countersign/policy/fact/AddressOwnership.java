package dev.countersign.policy.fact;

import dev.countersign.common.name.NodeName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Which Node owns a name or address, by the record of addresses (docs/adr/0020). */
public sealed interface AddressOwnership {
  /** Whether that very Node owns it, not one of the same name that was deleted since. */
  default boolean isOf(NodeFact node) {
    return this instanceof HeldBy held
        && held.owner().equals(node.name())
        && held.uid().equals(node.uid());
  }

  /** Nobody is recorded; the claim must be recorded before anything can be approved. */
  record Unclaimed() implements AddressOwnership {}

  /**
   * A Node owns it.
   *
   * @param owner its name
   * @param uid its {@code metadata.uid}
   * @param since when the claim was recorded
   */
  record HeldBy(NodeName owner, String uid, Instant since) implements AddressOwnership {
    public HeldBy {
      Objects.requireNonNull(owner, "owner");
      Objects.requireNonNull(uid, "uid");
      Objects.requireNonNull(since, "since");
    }
  }

  /**
   * Several Nodes claim it and nothing says who was first.
   *
   * @param claimants at least two, sorted
   */
  record Contested(List<NodeName> claimants) implements AddressOwnership {
    public Contested {
      claimants = claimants.stream().sorted().toList();
    }
  }

  /**
   * Its owner has left it, and a Node that claimed it while it was owned has to wait in case the
   * owner returns.
   *
   * @param claimant who waits
   * @param until when the claimant becomes the owner
   */
  record Reserved(NodeName claimant, Instant until) implements AddressOwnership {
    public Reserved {
      Objects.requireNonNull(claimant, "claimant");
      Objects.requireNonNull(until, "until");
    }
  }
}
