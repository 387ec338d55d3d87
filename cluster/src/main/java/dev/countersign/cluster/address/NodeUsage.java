package dev.countersign.cluster.address;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.ownership.NodeRecords;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportedAddresses;
import io.fabric8.kubernetes.api.model.Node;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one Node has on record, and what it claims in vain.
 *
 * @param node its name
 * @param held how many names and addresses it owns
 * @param left how many it has left and may still return to
 * @param waiting for how many it waits
 * @param bytes what that comes to, as {@code ownership.perNode.recordBytes} counts it
 * @param unrecorded what it claims and has nothing on record for, and why that may be
 */
public record NodeUsage(
    String node, int held, int left, int waiting, int bytes, Map<String, String> unrecorded) {

  public NodeUsage {
    unrecorded = Map.copyOf(unrecorded);
  }

  private static final class Count {
    private final Set<NameOrAddress> records = new HashSet<>();
    private int held;
    private int left;
    private int waiting;
    private int bytes;
  }

  /**
   * The usage of all Nodes that exist or have something on record, the greatest first.
   *
   * @param mostNames {@code limits.names} of the policy
   */
  public static List<NodeUsage> of(List<AddressRecord> records, List<Node> nodes, int mostNames) {
    Map<NodeName, Count> counts = new HashMap<>();
    for (AddressRecord record : records) {
      for (NodeName node : record.entry().nodes()) {
        Count count = counts.computeIfAbsent(node, _ -> new Count());
        count.records.add(record.address());
        count.bytes += NodeRecords.cost(node, record.address());
        if (record.entry().owner().filter(node::equals).isEmpty()) {
          count.waiting++;
        } else if (record.entry().state() instanceof OwnershipRecord.State.Held) {
          count.held++;
        } else {
          count.left++;
        }
      }
    }
    Map<NodeName, Map<String, String>> unrecorded = new HashMap<>();
    for (Node node : nodes) {
      fact(node)
          .ifPresent(
              fact -> {
                Count count = counts.computeIfAbsent(fact.name(), _ -> new Count());
                unrecorded.put(fact.name(), unrecorded(fact, count.records, mostNames));
              });
    }
    List<NodeUsage> usage = new ArrayList<>();
    counts.forEach(
        (node, count) ->
            usage.add(
                new NodeUsage(
                    node.text(),
                    count.held,
                    count.left,
                    count.waiting,
                    count.bytes,
                    unrecorded.getOrDefault(node, Map.of()))));
    usage.sort(Comparator.comparingInt(NodeUsage::bytes).reversed().thenComparing(NodeUsage::node));
    return usage;
  }

  private static Map<String, String> unrecorded(
      NodeFact fact, Set<NameOrAddress> records, int mostNames) {
    Map<String, String> missing = new HashMap<>();
    List<NameOrAddress> claims = ReportedAddresses.of(fact).inStatus();
    for (NameOrAddress claim : claims) {
      if (!records.contains(claim)) {
        missing.put(
            claim.key(),
            claims.size() > mostNames
                ? "the Node claims more than limits.names"
                : claim instanceof DnsName name && ReportedAddresses.isSibling(fact.name(), name)
                    ? "the form of another Node's name; --assign gives it"
                    : "protected, not looked at yet, or no room (see the Node's Events)");
      }
    }
    return missing;
  }

  private static Optional<NodeFact> fact(Node node) {
    List<NodeAddress> addresses = new ArrayList<>();
    if (node.getStatus() != null && node.getStatus().getAddresses() != null) {
      node.getStatus()
          .getAddresses()
          .forEach(
              address ->
                  NodeAddress.Type.parse(address.getType())
                      .ifPresent(
                          type -> addresses.add(new NodeAddress(type, address.getAddress()))));
    }
    return NodeName.parse(node.getMetadata().getName())
        .map(
            name ->
                new NodeFact(
                    name,
                    node.getMetadata().getUid(),
                    Instant.EPOCH,
                    addresses,
                    List.of(),
                    Map.of(),
                    Map.of()));
  }
}
