package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpFamily;
import dev.countersign.common.name.IpRange;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The rules of {@code nodeIp}, which relate it to the platform and to the cluster's ranges. */
final class NodeIpRules {
  private final NodesSpec nodes;
  private final List<IpFamily> families;
  private final List<IpRange> taken;

  private NodeIpRules(NodesSpec nodes, List<IpRange> pods, List<IpRange> services) {
    this.nodes = nodes;
    this.families = pods.stream().map(IpRange::family).toList();
    this.taken = Stream.concat(pods.stream(), services.stream()).toList();
  }

  static void check(Fields spec, NodesSpec nodes, List<IpRange> pods, List<IpRange> services) {
    NodeIpRules rules = new NodeIpRules(nodes, pods, services);
    rules.check(spec, "nodes.controllers", nodes.controllers(), false);
    rules.check(spec, "nodes.workers", nodes.workers(), !nodes.platform().needsDomain());
  }

  private void check(Fields spec, String path, List<NodeSpec> machines, boolean groups) {
    for (int i = 0; i < machines.size(); i++) {
      String at = path + "[" + i + "].nodeIp";
      List<IpAddress> ips = machines.get(i).nodeIps();
      if (ips.size() > 1) {
        ofSeveral(ips).ifPresent(want -> report(spec, at, ips.toString(), want));
      }
      for (IpAddress ip : ips) {
        ofOne(ip, groups).ifPresent(want -> report(spec, at, ip.toString(), want));
      }
    }
  }

  private static void report(Fields spec, String path, String got, String want) {
    spec.report(new ParseError(path, got, want));
  }

  /** What must be there in place of several addresses. */
  private Optional<String> ofSeveral(List<IpAddress> ips) {
    if (nodes.os() == OperatingSystem.CONTAINER_LINUX) {
      return Optional.of("one address, as the kubelet of container-linux takes one");
    }
    if (ips.size() > 2 || ips.get(0).family() == ips.get(1).family()) {
      return Optional.of("one address, or one of IPv4 and one of IPv6");
    }
    if (ips.stream().anyMatch(NodeIpRules::isUnspecified)) {
      return Optional.of("two addresses of the machine, or 0.0.0.0 or :: alone");
    }
    return Optional.empty();
  }

  /** What must be there in place of an address. */
  private Optional<String> ofOne(IpAddress ip, boolean group) {
    if (!families.contains(ip.family())) {
      return Optional.of("an address of a family of podCidr, " + families);
    }
    if (isUnspecified(ip)) {
      return Optional.empty();
    }
    if (group) {
      return Optional.of(
          "0.0.0.0 or ::, which prefer a family, as this is a group of machines on "
              + nodes.platform().key());
    }
    if (SpecRules.isNotRouted(ip)) {
      return Optional.of("an address that is not loopback, link-local or multicast");
    }
    return taken.stream()
        .filter(range -> range.contains(ip))
        .map(range -> "an address outside of the pod and service range " + range)
        .findFirst();
  }

  /** Whether the kubelet takes it for "the machine's default address of this family". */
  static boolean isUnspecified(IpAddress ip) {
    return ip.high() == 0 && ip.low() == 0;
  }
}
