package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A Node as far as the policy looks at it.
 *
 * @param name {@code metadata.name}
 * @param uid {@code metadata.uid}; a Node deleted and created anew has another one
 * @param created {@code metadata.creationTimestamp}
 * @param addresses {@code status.addresses}, written by the kubelet itself
 * @param podRanges {@code spec.podCIDRs}; a kubelet can write these, too
 * @param conditions {@code status.conditions}: type to status
 * @param labels {@code metadata.labels}; kubelets may not set {@code node-role.kubernetes.io/…}
 *     ones (NodeRestriction admission)
 */
public record NodeFact(
    NodeName name,
    String uid,
    Instant created,
    List<NodeAddress> addresses,
    List<IpRange> podRanges,
    Map<String, String> conditions,
    Map<String, String> labels) {

  /**
   * How many addresses of a Node are to be read; what comes after them is not the Node's. A kubelet
   * writes as many as an object has room for, and each costs us. More than the 10,000 that a policy
   * can allow a request ({@code limits.names}), so that a Node that claims too many is still seen
   * to.
   */
  public static final int MOST_ADDRESSES = 16_384;

  private static final int MOST_IN_PLAIN_MAP = 64;

  private static final List<String> CONTROL_PLANE_LABELS =
      List.of("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master");

  public NodeFact {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(created, "created");
    addresses = List.copyOf(addresses);
    podRanges = List.copyOf(podRanges);
    conditions = copy(conditions);
    labels = copy(labels);
  }

  /**
   * A copy whose cost a kubelet, which chooses the keys, cannot make quadratic: {@link Map#copyOf}
   * compares each key with all of the same hash.
   */
  private static Map<String, String> copy(Map<String, String> texts) {
    return texts.size() <= MOST_IN_PLAIN_MAP
        ? Map.copyOf(texts)
        : Collections.unmodifiableMap(new HashMap<>(texts));
  }

  /**
   * Whether someone other than a kubelet has marked it as running the control plane. The
   * NodeRestriction admission plugin keeps kubelets from setting these labels on any Node.
   */
  public boolean isControlPlane() {
    return CONTROL_PLANE_LABELS.stream().anyMatch(labels::containsKey);
  }

  /**
   * The DNS names that a kubelet with these addresses asks for: Hostname unless it is an address,
   * InternalDNS, ExternalDNS (Kubernetes: pkg/kubelet/certificate {@code
   * addressesToHostnamesAndIPs}).
   */
  public Set<DnsName> dnsNames() {
    Set<DnsName> names = new HashSet<>();
    for (NodeAddress address : addresses) {
      if (!address.text().isEmpty()) {
        switch (address.type()) {
          case INTERNAL_DNS, EXTERNAL_DNS -> names.add(DnsName.of(address.text()));
          case HOSTNAME -> {
            if (IpAddress.parse(address.text()).isEmpty()) {
              names.add(DnsName.of(address.text()));
            }
          }
          case INTERNAL_IP, EXTERNAL_IP -> {}
        }
      }
    }
    return names;
  }

  /** The IP addresses that a kubelet with these addresses asks for. */
  public Set<IpAddress> ipAddresses() {
    Set<IpAddress> found = new HashSet<>();
    for (NodeAddress address : addresses) {
      Optional<IpAddress> parsed =
          switch (address.type()) {
            case INTERNAL_IP, EXTERNAL_IP, HOSTNAME -> IpAddress.parse(address.text());
            case INTERNAL_DNS, EXTERNAL_DNS -> Optional.empty();
          };
      parsed.ifPresent(found::add);
    }
    return found;
  }
}
