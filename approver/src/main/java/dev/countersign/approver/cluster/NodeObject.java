package dev.countersign.approver.cluster;

import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.proto.Node;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.fact.NodeFact;
import java.util.Optional;

/**
 * A Node, without what a decision does not need.
 *
 * @param fact what the policy sees; empty where the Node's name cannot be one of a kubelet
 */
record NodeObject(String name, String resourceVersion, Optional<NodeFact> fact)
    implements Versioned {
  /** Reads one from a list or a watch. */
  static ObjectDecoder<NodeObject> decoder(StringInterner shared) {
    return ObjectDecoder.ofProtobuf(Node.parser(), new NodeDecoder(shared));
  }
}
