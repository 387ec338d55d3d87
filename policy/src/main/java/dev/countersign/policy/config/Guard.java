package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is protected beyond what is learnt from the cluster.
 *
 * @param clusterDomains domains of cluster DNS
 * @param names further names
 * @param domains further domains, with all names below them
 * @param ranges further ranges
 * @param serviceExternalAddresses whether external and load balancer addresses of Services are
 *     protected
 * @param controlPlaneNodes Nodes that may have the API server's address although they lack the
 *     label
 * @param cidrs the ranges of Pods and Services, as far as the operator names them
 */
public record Guard(
    List<DnsName> clusterDomains,
    List<DnsName> names,
    List<DnsName> domains,
    List<IpRange> ranges,
    boolean serviceExternalAddresses,
    Set<NodeName> controlPlaneNodes,
    ClusterCidrs cidrs) {
  public Guard {
    clusterDomains = List.copyOf(clusterDomains);
    names = List.copyOf(names);
    domains = List.copyOf(domains);
    ranges = List.copyOf(ranges);
    controlPlaneNodes = Set.copyOf(controlPlaneNodes);
    Objects.requireNonNull(cidrs, "cidrs");
  }

  /** The same with other ranges of Pods and Services. */
  public Guard withCidrs(ClusterCidrs other) {
    return new Guard(
        clusterDomains, names, domains, ranges, serviceExternalAddresses, controlPlaneNodes, other);
  }

  /** Whether a Node may have the API server's address. */
  public boolean isControlPlane(NodeFact node) {
    return node.isControlPlane() || controlPlaneNodes.contains(node.name());
  }

  /**
   * Why nobody may have something, by the policy alone.
   *
   * @param field the field of the policy that says so, for example {@code protected.ranges}
   * @param entry its entry, for example {@code 192.0.2.0/24}
   */
  public record Protection(String field, String entry) {
    public Protection {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(entry, "entry");
    }
  }

  /** What of the policy keeps a name or an address from everybody; empty where nothing does. */
  public Optional<Protection> protecting(NameOrAddress claim) {
    return switch (claim) {
      case DnsName name ->
          entry("protected.names", names, name::equals)
              .or(() -> entry("protected.domains", domains, name::isAtOrBelow));
      case IpAddress address ->
          entry("protected.ranges", ranges, range -> range.contains(address))
              .or(() -> entry("protected.podCIDRs", cidrs.pods(), r -> r.contains(address)))
              .or(
                  () ->
                      entry("protected.serviceCIDRs", cidrs.services(), r -> r.contains(address)));
    };
  }

  private static <T> Optional<Protection> entry(
      String field, List<T> entries, Predicate<T> covers) {
    return entries.stream()
        .filter(covers)
        .findFirst()
        .map(found -> new Protection(field, found.toString()));
  }

  /** The domain cluster.local, and external addresses of Services. */
  public static Guard defaults() {
    return new Guard(
        List.of(DnsName.of("cluster.local")),
        List.of(),
        List.of(),
        List.of(),
        true,
        Set.of(),
        ClusterCidrs.defaults());
  }

  /**
   * The ranges of Pods and Services, as the operator knows them. An address in them is no Node's.
   *
   * @param pods {@code --cluster-cidr} of kube-controller-manager; where it names a range of a
   *     family, what Nodes say of their Pod ranges of that family does not matter
   * @param services {@code --service-cluster-ip-range} of kube-apiserver, where no ServiceCIDR
   *     objects tell it
   * @param nodeMaskIpv4 the shortest prefix that a Node's IPv4 Pod range is believed with, {@code
   *     --node-cidr-mask-size-ipv4} of kube-controller-manager
   * @param nodeMaskIpv6 the same of IPv6
   */
  public record ClusterCidrs(
      List<IpRange> pods, List<IpRange> services, int nodeMaskIpv4, int nodeMaskIpv6) {
    public ClusterCidrs {
      pods = List.copyOf(pods);
      services = List.copyOf(services);
      PolicyConfig.require(
          nodeMaskIpv4 >= 16 && nodeMaskIpv4 <= 32, "nodeMaskIpv4 must be 16 to 32");
      PolicyConfig.require(
          nodeMaskIpv6 >= 48 && nodeMaskIpv6 <= 128, "nodeMaskIpv6 must be 48 to 128");
    }

    /** No ranges; /24 and /64, as kube-controller-manager hands them out. */
    public static ClusterCidrs defaults() {
      return new ClusterCidrs(List.of(), List.of(), 24, 64);
    }

    /** Whether a Pod range of this family is named, so that Nodes need not be believed. */
    public boolean namesPodsLike(IpRange range) {
      boolean version4 = range.first().version4();
      return pods.stream().anyMatch(pod -> pod.first().version4() == version4);
    }

    /** Whether a Node's Pod range is wider than a Node's can be. */
    public boolean isTooWide(IpRange range) {
      return range.prefix() < (range.first().version4() ? nodeMaskIpv4 : nodeMaskIpv6);
    }

    /** Whether what a Node says of its Pod range can be true and matters. */
    public boolean believes(IpRange range) {
      return !namesPodsLike(range) && !isTooWide(range);
    }
  }
}
