package dev.countersign.policy.join;

import dev.countersign.policy.decision.Violation;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What strict join says about one request for a kubelet's client certificate. */
public sealed interface JoinDecision {

  /**
   * A new node may have the name. The records are to be written first, in the order of the
   * components, each at the resourceVersion that was read; where a write is refused because someone
   * else was quicker, nothing is approved and the request is decided anew.
   *
   * @param node the name
   * @param grant the token's grant with this use taken; empty where that is recorded already
   * @param claim the claim to the name; empty where that is recorded already
   */
  record Admit(String node, Optional<JoinGrant> grant, Optional<NameClaim> claim)
      implements JoinDecision {
    public Admit {
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(grant, "grant");
      Objects.requireNonNull(claim, "claim");
    }
  }

  /** A node renews its own certificate: the rule {@code selfnodeclient}. */
  record Renew(String node) implements JoinDecision {
    public Renew {
      Objects.requireNonNull(node, "node");
    }
  }

  /** Never: at least one violation rests on the request or on a record; these come first. */
  record Deny(List<Violation> violations) implements JoinDecision {
    public Deny {
      violations =
          violations.stream()
              .sorted(
                  Comparator.<Violation, Boolean>comparing(v -> !v.reason().evidence().isFinal())
                      .thenComparing(Comparator.naturalOrder()))
              .toList();
      if (violations.stream().noneMatch(v -> v.reason().evidence().isFinal())) {
        throw new IllegalArgumentException("a denial is final: want more than a cluster fact");
      }
    }
  }

  /** Not now. */
  record Hold(List<Violation> violations) implements JoinDecision {
    public Hold {
      violations = violations.stream().sorted().toList();
      if (violations.isEmpty()
          || violations.stream().anyMatch(v -> v.reason().evidence().isFinal())) {
        throw new IllegalArgumentException("a hold rests on cluster facts, and on at least one");
      }
    }
  }

  /** What stands in the way, sorted; empty where nothing does. */
  default List<Violation> violations() {
    return switch (this) {
      case Admit _, Renew _ -> List.of();
      case Deny(List<Violation> violations) -> violations;
      case Hold(List<Violation> violations) -> violations;
    };
  }
}
