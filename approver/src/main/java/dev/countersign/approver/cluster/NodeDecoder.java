package dev.countersign.approver.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ObjectDecoder.ProtobufDecoder;
import dev.countersign.kube.proto.MapEntry;
import dev.countersign.kube.proto.Node;
import dev.countersign.kube.proto.NodeCondition;
import dev.countersign.kube.proto.ObjectMeta;
import dev.countersign.kube.proto.Times;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads Nodes.
 *
 * @param shared keeps texts that many of them have once
 */
record NodeDecoder(StringInterner shared) implements ProtobufDecoder<Node, NodeObject> {
  @Override
  public NodeObject decode(Node node) throws InvalidProtocolBufferException {
    ObjectMeta metadata = node.getMetadata();
    Optional<NodeName> name = NodeName.parse(metadata.getName());
    return new NodeObject(
        metadata.getName(),
        metadata.getResourceVersion(),
        name.isEmpty() ? Optional.empty() : Optional.of(fact(name.get(), node)));
  }

  private NodeFact fact(NodeName name, Node node) throws InvalidProtocolBufferException {
    ObjectMeta metadata = node.getMetadata();
    Set<IpRange> ranges = new LinkedHashSet<>();
    IpRange.parse(node.getSpec().getPodCidr()).ifPresent(ranges::add);
    node.getSpec().getPodCidrsList().forEach(text -> IpRange.parse(text).ifPresent(ranges::add));
    Map<String, String> conditions = new HashMap<>();
    for (NodeCondition condition : node.getStatus().getConditionsList()) {
      conditions.put(shared.text(condition.getType()), shared.text(condition.getStatus()));
    }
    return new NodeFact(
        name,
        metadata.getUid(),
        Times.instant(metadata.getCreationTimestamp()),
        addresses(node),
        List.copyOf(ranges),
        conditions,
        labels(metadata));
  }

  private static List<NodeAddress> addresses(Node node) {
    List<NodeAddress> addresses = new ArrayList<>(4);
    for (var address : node.getStatus().getAddressesList()) {
      if (addresses.size() < NodeFact.MOST_ADDRESSES) {
        NodeAddress.Type.parse(address.getType())
            .ifPresent(type -> addresses.add(new NodeAddress(type, address.getAddress())));
      }
    }
    return addresses;
  }

  private Map<String, String> labels(ObjectMeta metadata) throws InvalidProtocolBufferException {
    Map<String, String> labels = HashMap.newHashMap(metadata.getLabelsCount());
    for (ByteString label : metadata.getLabelsList()) {
      MapEntry entry = MapEntry.parseFrom(label);
      labels.put(shared.text(entry.getKey()), shared.text(entry.getValue()));
    }
    return labels;
  }
}
