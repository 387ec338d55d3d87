package dev.countersign.policy.fact;

import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.IpRange;
import dev.countersign.policy.name.NodeName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Names and addresses that belong to the cluster and hence to no Node, learnt from the cluster's
 * objects. Immutable: built anew when one of these objects changes and shared by all decisions.
 */
public final class ProtectedSpace {
  private static final ProtectedSpace EMPTY = new Builder().build();

  /** Whose a protected name or address is. Earlier constants win where there are several. */
  public enum Kind {
    /** A cluster IP of a Service. */
    SERVICE_ADDRESS,
    /** A range from which Services get their cluster IPs. */
    SERVICE_RANGE,
    /** A name under which cluster DNS publishes a Service. */
    SERVICE_NAME,
    /** The domain of cluster DNS. */
    CLUSTER_DOMAIN,
    /** An address or name of the API server; a Node marked as control plane may have it. */
    API_SERVER,
    /** A range of Pod addresses; a Node that held an address in it before keeps it. */
    POD_RANGE,
    /**
     * An external or load balancer address of a Service. Users with few rights can set these, and
     * some clusters publish the Nodes' own addresses this way: a Node that held the address before
     * keeps it.
     */
    SERVICE_EXTERNAL
  }

  /**
   * Why something is protected.
   *
   * @param kind whose it is
   * @param detail the object it was learnt from, for example {@code Service default/kubernetes}
   */
  public record Source(Kind kind, String detail) {
    public Source {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(detail, "detail");
    }
  }

  private final Map<DnsName, Source> names;
  private final Map<DnsName, Source> domains;
  private final Map<IpAddress, Source> addresses;
  private final Map<IpRange, Source> ranges;
  private final List<Integer> prefixes4;
  private final List<Integer> prefixes6;

  private ProtectedSpace(Builder builder) {
    names = Map.copyOf(builder.names);
    domains = Map.copyOf(builder.domains);
    addresses = Map.copyOf(builder.addresses);
    ranges = Map.copyOf(builder.ranges);
    prefixes4 = prefixes(true);
    prefixes6 = prefixes(false);
  }

  private List<Integer> prefixes(boolean version4) {
    return ranges.keySet().stream()
        .filter(range -> range.first().version4() == version4)
        .map(IpRange::prefix)
        .distinct()
        .sorted()
        .toList();
  }

  /** Nothing is protected beyond what the policy itself protects. */
  public static ProtectedSpace empty() {
    return EMPTY;
  }

  /** Starts an empty one. */
  public static Builder builder() {
    return new Builder();
  }

  /** Why the name is protected, if it is. */
  public Optional<Source> protecting(DnsName name) {
    Source exact = names.get(name);
    if (exact != null) {
      return Optional.of(exact);
    }
    if (domains.isEmpty()) {
      return Optional.empty();
    }
    String text = name.text();
    for (int from = 0; from >= 0; from = text.indexOf('.', from) + 1) {
      Source source = domains.get(from == 0 ? name : DnsName.of(text.substring(from)));
      if (source != null) {
        return Optional.of(source);
      }
      if (text.indexOf('.', from) < 0) {
        break;
      }
    }
    return Optional.empty();
  }

  /** Why the address is protected, if it is; the strongest reason where there are several. */
  public Optional<Source> protecting(IpAddress address) {
    Source found = addresses.get(address);
    for (int prefix : address.version4() ? prefixes4 : prefixes6) {
      Source source = ranges.get(IpRange.around(address, prefix));
      if (source != null && (found == null || source.kind.compareTo(found.kind) < 0)) {
        found = source;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Collects what is protected. Not safe for use by several threads. */
  public static final class Builder {
    private final Map<DnsName, Source> names = new HashMap<>();
    private final Map<DnsName, Source> domains = new HashMap<>();
    private final Map<IpAddress, Source> addresses = new HashMap<>();
    private final Map<IpRange, Source> ranges = new HashMap<>();

    private Builder() {}

    /** Protects one name. */
    public Builder name(DnsName name, Kind kind, String detail) {
      names.merge(name, new Source(kind, detail), Builder::stronger);
      return this;
    }

    /** Protects a name and everything below it. */
    public Builder domain(DnsName domain, Kind kind, String detail) {
      if (!domain.text().isEmpty()) {
        domains.merge(domain, new Source(kind, detail), Builder::stronger);
      }
      return this;
    }

    /** Protects one address. */
    public Builder address(IpAddress address, Kind kind, String detail) {
      addresses.merge(address, new Source(kind, detail), Builder::stronger);
      return this;
    }

    /** Protects a range. */
    public Builder range(IpRange range, Kind kind, String detail) {
      ranges.merge(range, new Source(kind, detail), Builder::stronger);
      return this;
    }

    /**
     * Protects what a Service owns.
     *
     * @param namespace {@code metadata.namespace}
     * @param name {@code metadata.name}
     * @param clusterIps {@code spec.clusterIPs}, without "None"
     * @param externalAddresses {@code spec.externalIPs} and {@code
     *     status.loadBalancer.ingress[].ip}
     * @param externalNames {@code status.loadBalancer.ingress[].hostname}
     */
    public Builder service(
        String namespace,
        String name,
        List<IpAddress> clusterIps,
        List<IpAddress> externalAddresses,
        List<DnsName> externalNames) {
      String detail = "Service " + namespace + "/" + name;
      clusterIps.forEach(ip -> address(ip, Kind.SERVICE_ADDRESS, detail));
      externalAddresses.forEach(ip -> address(ip, Kind.SERVICE_EXTERNAL, detail));
      externalNames.forEach(dns -> name(dns, Kind.SERVICE_EXTERNAL, detail));
      name(DnsName.of(name + "." + namespace), Kind.SERVICE_NAME, detail);
      if (namespace.equals("default") || namespace.equals("kube-system")) {
        name(DnsName.of(name), Kind.SERVICE_NAME, detail);
      }
      return this;
    }

    /**
     * Protects the Pod ranges that a Node's spec names. Kubelets can write {@code spec.podCIDRs} of
     * their own Node, so one that is absurdly broad (shorter than /16, or /48 in IPv6) is not
     * believed, and a Node keeps an address that is on record as its own, whatever range another
     * Node says it has.
     */
    public Builder podRanges(NodeName node, List<IpRange> of) {
      for (IpRange range : of) {
        if (range.prefix() >= (range.first().version4() ? 16 : 48)) {
          range(range, Kind.POD_RANGE, "Pod range of Node " + node);
        }
      }
      return this;
    }

    private static Source stronger(Source one, Source other) {
      return other.kind.compareTo(one.kind) < 0 ? other : one;
    }

    /** The result. */
    public ProtectedSpace build() {
      return new ProtectedSpace(this);
    }
  }
}
