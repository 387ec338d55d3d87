package dev.countersign.policy.check;

import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import java.util.Optional;

/** The Node that a request names, out of the facts. */
final class RequestingNode {
  private RequestingNode() {}

  /** The Node, if it exists and is the one the request names. */
  static Optional<NodeFact> of(ParsedCsr inspection, Facts facts) {
    return switch (facts.node()) {
      case Fact.Known<Optional<NodeFact>>(Optional<NodeFact> node) ->
          node.filter(found -> inspection.node().filter(found.name()::equals).isPresent());
      case Fact.Unknown<Optional<NodeFact>> _ -> Optional.empty();
    };
  }
}
