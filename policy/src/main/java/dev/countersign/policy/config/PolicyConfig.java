package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.rule.RuleSet;
import dev.countersign.x509.request.KeyAlgorithm;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything an operator can choose. {@link #defaults()} is what holds without a policy file: every
 * honest kubelet passes, every forged request is refused.
 *
 * @param mode what is written down
 * @param limits sizes and numbers
 * @param keys which keys are good
 * @param names which DNS names are good
 * @param addresses which IP addresses are good
 * @param guard names and ranges protected beyond those learnt from the cluster
 * @param ownership whether names and addresses belong to the Node that claimed them first
 * @param access the SubjectAccessReview, if one is asked for
 * @param inventory inventories to be asked and how their answers combine, if any
 * @param renewal what the certificate served now is good for
 * @param rules rules in CEL
 * @param client what is done with requests for kubelets' client certificates
 * @param requestors what is done with requests of users that are no nodes
 */
public record PolicyConfig(
    Mode mode,
    Limits limits,
    Keys keys,
    Names names,
    Addresses addresses,
    Guard guard,
    Ownership ownership,
    Optional<AccessAttributes> access,
    Optional<Inventory> inventory,
    Renewal renewal,
    RuleSet rules,
    Client client,
    Requestors requestors) {

  private static final int LEAST_RECORD_BYTES = 16 * 1024;
  private static final int RECORD_BYTES_A_NAME = 163;

  private static final PolicyConfig DEFAULTS =
      new PolicyConfig(
          Mode.ENFORCE,
          Limits.defaults(),
          Keys.defaults(),
          Names.defaults(),
          Addresses.defaults(),
          Guard.defaults(),
          Ownership.defaults(),
          Optional.empty(),
          Optional.empty(),
          Renewal.defaults(),
          RuleSet.none(),
          Client.IGNORE,
          Requestors.defaults());

  public PolicyConfig {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(names, "names");
    Objects.requireNonNull(addresses, "addresses");
    Objects.requireNonNull(guard, "guard");
    Objects.requireNonNull(ownership, "ownership");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(inventory, "inventory");
    Objects.requireNonNull(renewal, "renewal");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(requestors, "requestors");
  }

  /** The same with another rule on users that are no nodes. */
  public PolicyConfig withRequestors(Requestors other) {
    return new PolicyConfig(
        mode, limits, keys, names, addresses, guard, ownership, access, inventory, renewal, rules,
        client, other);
  }

  /** The same with strict join, or without. */
  public PolicyConfig withClient(Client other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        other,
        requestors);
  }

  /**
   * Who may ask.
   *
   * @param others what is done with a request whose user is not {@code system:node:…}
   */
  public record Requestors(Others others) {
    public Requestors {
      Objects.requireNonNull(others, "others");
    }

    /** Others are left alone: database and storage operators, virtual kubelets and people. */
    public static Requestors defaults() {
      return new Requestors(Others.IGNORE);
    }
  }

  /**
   * The domains in which names are looked up.
   *
   * @param machine those of the machine's resolv.conf, which count where the policy names none; but
   *     for those of cluster DNS, in which no Node's name is
   */
  public SearchList searchList(List<DnsName> machine) {
    return new SearchList(
        names
            .searchDomains()
            .orElseGet(
                () ->
                    machine.stream()
                        .filter(
                            domain ->
                                guard.clusterDomains().stream().noneMatch(domain::isAtOrBelow))
                        .toList()));
  }

  /** Requests of users that are no nodes. */
  public enum Others {
    /** Left alone: whoever made them has another way to approve them. */
    IGNORE,
    /** Never approved and never denied; shown as what waits for a person. */
    DEFER,
    /** Denied. */
    DENY
  }

  /** Requests for kubelets' client certificates. */
  public enum Client {
    /** Left to kube-controller-manager. */
    IGNORE,
    /** Decided here, by the join grants of bootstrap tokens. */
    STRICT
  }

  /** What holds without a policy file. */
  public static PolicyConfig defaults() {
    return DEFAULTS;
  }

  /**
   * Most bytes of records of one Node. By default 16 KiB, which is a hundred IPv6 addresses of a
   * Node whose name has 60 characters, and in proportion more where {@code limits.names} is above
   * 100.
   */
  public int recordBytesPerNode() {
    return ownership
        .perNode()
        .recordBytes()
        .orElse(Math.max(LEAST_RECORD_BYTES, limits.names() * RECORD_BYTES_A_NAME));
  }

  /** The same with another mode. */
  public PolicyConfig withMode(Mode other) {
    return new PolicyConfig(
        other,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other sizes and numbers. */
  public PolicyConfig withLimits(Limits other) {
    return new PolicyConfig(
        mode,
        other,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other keys. */
  public PolicyConfig withKeys(Keys other) {
    return new PolicyConfig(
        mode,
        limits,
        other,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other DNS names. */
  public PolicyConfig withNames(Names other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        other,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other IP addresses. */
  public PolicyConfig withAddresses(Addresses other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        other,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other names and ranges protected. */
  public PolicyConfig withGuard(Guard other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        other,
        ownership,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with another rule on whose a name is. */
  public PolicyConfig withOwnership(Ownership other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        other,
        access,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with another SubjectAccessReview, or none. */
  public PolicyConfig withAccess(Optional<AccessAttributes> other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        other,
        inventory,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with other inventories, or none. */
  public PolicyConfig withInventory(Optional<Inventory> other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        other,
        renewal,
        rules,
        client,
        requestors);
  }

  /** The same with another rule on renewals. */
  public PolicyConfig withRenewal(Renewal other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        other,
        rules,
        client,
        requestors);
  }

  /** The same with other rules in CEL. */
  public PolicyConfig withRules(RuleSet other) {
    return new PolicyConfig(
        mode,
        limits,
        keys,
        names,
        addresses,
        guard,
        ownership,
        access,
        inventory,
        renewal,
        other,
        client,
        requestors);
  }

  /**
   * Sizes and numbers.
   *
   * @param requestBytes most bytes of {@code spec.request}
   * @param names most DNS names and IP addresses together
   * @param shortest shortest {@code spec.expirationSeconds} asked for
   * @param longest longest {@code spec.expirationSeconds} asked for
   * @param pendingPerNode how many of a Node's newest undecided requests are looked at; empty for
   *     all
   */
  public record Limits(
      int requestBytes,
      int names,
      Duration shortest,
      Duration longest,
      Optional<Integer> pendingPerNode) {
    public Limits {
      require(requestBytes >= 512, "requestBytes must be 512 or more");
      require(names >= 1, "names must be 1 or more");
      require(shortest.isPositive(), "shortest must be positive");
      require(longest.compareTo(shortest) >= 0, "longest must not be below shortest");
      require(pendingPerNode.filter(n -> n < 1).isEmpty(), "pendingPerNode must be 1 or more");
    }

    /** 16 KiB, 100 names, 10 minutes (the API server's own bound) to 366 days, all pending. */
    public static Limits defaults() {
      return new Limits(
          16 * 1024, 100, Duration.ofMinutes(10), Duration.ofDays(366), Optional.empty());
    }
  }

  /**
   * Which keys are good.
   *
   * @param algorithms the algorithms
   * @param curves names of curves for ECDSA
   * @param rsaShortest bits
   * @param rsaLongest bits; verifying a signature costs with the square
   */
  public record Keys(
      Set<KeyAlgorithm> algorithms, Set<String> curves, int rsaShortest, int rsaLongest) {
    public Keys {
      algorithms = Set.copyOf(algorithms);
      curves = Set.copyOf(curves);
      require(!algorithms.isEmpty(), "algorithms must not be empty");
      require(rsaShortest >= 2048, "rsaShortest must be 2048 or more");
      require(rsaLongest >= rsaShortest, "rsaLongest must not be below rsaShortest");
    }

    /** RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 and P-521, Ed25519. */
    public static Keys defaults() {
      return new Keys(
          Set.of(KeyAlgorithm.RSA, KeyAlgorithm.ECDSA, KeyAlgorithm.ED25519),
          Set.of("P-256", "P-384", "P-521"),
          2048,
          8192);
    }
  }

  /**
   * Which DNS names are good.
   *
   * @param allowedPatterns if not empty, each name must match one of these
   * @param allowInternationalized names and domains whose labels may be in the encoding xn--
   * @param allowUnderscore whether labels may hold underscores
   * @param allowTrailingDot whether a name may end in a dot; it compares and is recorded without
   * @param nodeNamePrefix whether each name must be the Node's name, alone or followed by a dot and
   *     more
   * @param resolution whether each name must resolve to addresses of the request
   * @param resolutionTimeout how long one lookup may take
   * @param searchDomains domains in which names are looked up, too; empty for those that the
   *     machine's resolv.conf names
   * @param additionalAddressRanges addresses of further interfaces: a name may resolve to them
   *     besides an address of the Node
   */
  public record Names(
      List<DnsPattern> allowedPatterns,
      List<DnsName> allowInternationalized,
      boolean allowUnderscore,
      boolean allowTrailingDot,
      boolean nodeNamePrefix,
      Resolution resolution,
      Duration resolutionTimeout,
      Optional<List<DnsName>> searchDomains,
      List<IpRange> additionalAddressRanges) {
    public Names {
      allowedPatterns = List.copyOf(allowedPatterns);
      allowInternationalized = List.copyOf(allowInternationalized);
      Objects.requireNonNull(resolution, "resolution");
      require(resolutionTimeout.isPositive(), "resolutionTimeout must be positive");
      searchDomains = searchDomains.map(List::copyOf);
      additionalAddressRanges = List.copyOf(additionalAddressRanges);
    }

    /** Any host name, ASCII only, no lookups. */
    public static Names defaults() {
      return new Names(
          List.of(),
          List.of(),
          false,
          false,
          false,
          Resolution.OFF,
          Duration.ofSeconds(2),
          Optional.empty(),
          List.of());
    }

    /** The same with or without lookups. */
    public Names withResolution(Resolution other) {
      return new Names(
          allowedPatterns,
          allowInternationalized,
          allowUnderscore,
          allowTrailingDot,
          nodeNamePrefix,
          other,
          resolutionTimeout,
          searchDomains,
          additionalAddressRanges);
    }
  }

  /** Forward DNS. */
  public enum Resolution {
    /** Names are not looked up. */
    OFF,
    /**
     * Each name must resolve, to addresses that the request asks for or that are on record as the
     * Node's. What the Node's status lists does not count: its kubelet writes that.
     */
    REQUIRED
  }

  /**
   * Which IP addresses are good.
   *
   * @param allowedRanges if not empty, each address must lie in one of these
   * @param specialRanges link-local addresses that are good all the same
   * @param allowAsDnsNames whether an IPv4 address of the request may also be one of its DNS names,
   *     as kubelets ask for where a provider reports it as InternalDNS
   */
  public record Addresses(
      List<IpRange> allowedRanges, List<IpRange> specialRanges, boolean allowAsDnsNames) {
    private static final List<IpRange> LINK_LOCAL =
        List.of(
            IpRange.parse("169.254.0.0/16").orElseThrow(),
            IpRange.parse("fe80::/10").orElseThrow());

    public Addresses {
      allowedRanges = List.copyOf(allowedRanges);
      specialRanges = List.copyOf(specialRanges);
      require(
          specialRanges.stream().allMatch(Addresses::isLinkLocal),
          "specialRanges must be link-local");
    }

    /** Any address that a host can have beyond its link. */
    public static Addresses defaults() {
      return new Addresses(List.of(), List.of(), false);
    }

    /** Whether all addresses of a range are link-local (RFC 3927, RFC 4291). */
    public static boolean isLinkLocal(IpRange range) {
      return LINK_LOCAL.stream().anyMatch(all -> all.contains(range));
    }
  }

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
          clusterDomains,
          names,
          domains,
          ranges,
          serviceExternalAddresses,
          controlPlaneNodes,
          other);
    }

    /** Whether a Node may have the API server's address. */
    public boolean isControlPlane(NodeFact node) {
      return node.isControlPlane() || controlPlaneNodes.contains(node.name());
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
      require(nodeMaskIpv4 >= 16 && nodeMaskIpv4 <= 32, "nodeMaskIpv4 must be 16 to 32");
      require(nodeMaskIpv6 >= 48 && nodeMaskIpv6 <= 128, "nodeMaskIpv6 must be 48 to 128");
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

  /**
   * Whether names and addresses belong to the Node that claimed them first.
   *
   * @param enforced whether they do
   * @param sharedNames names that several Nodes may have
   * @param sharedRanges addresses that several Nodes may have
   * @param reclaim how long a Node that claimed an address while it was held waits after its holder
   *     has left it
   * @param siblingNames how a Node gets a name that has the form of another Node's
   * @param perNode what one Node may have on record
   */
  public record Ownership(
      boolean enforced,
      Set<DnsName> sharedNames,
      List<IpRange> sharedRanges,
      Duration reclaim,
      SiblingNames siblingNames,
      PerNode perNode) {
    public Ownership {
      sharedNames = Set.copyOf(sharedNames);
      sharedRanges = List.copyOf(sharedRanges);
      require(!reclaim.isNegative(), "reclaim must not be negative");
      Objects.requireNonNull(siblingNames, "siblingNames");
      Objects.requireNonNull(perNode, "perNode");
    }

    /** Enforced, nothing shared, half a minute, names of others' form only where assigned. */
    public static Ownership defaults() {
      return new Ownership(
          true,
          Set.of(),
          List.of(),
          Duration.ofSeconds(30),
          SiblingNames.ASSIGNED,
          PerNode.defaults());
    }
  }

  /** How a Node gets a name that has the form of another Node's, such as worker-7 of worker-3. */
  public enum SiblingNames {
    /** An operator or an inventory gives it. */
    ASSIGNED,
    /** By its first claim, like any other name. */
    FIRST_CLAIM
  }

  /**
   * What one Node may have on record.
   *
   * @param recordBytes bytes of the records of what it holds, has left and waits for, if not by
   *     default ({@link PolicyConfig#recordBytesPerNode})
   * @param changeBurst how many changes of its names and addresses are recorded at once
   * @param changeInterval after that many, one change is recorded in this time
   */
  public record PerNode(Optional<Integer> recordBytes, int changeBurst, Duration changeInterval) {
    public PerNode {
      require(recordBytes.filter(n -> n < 1024).isEmpty(), "recordBytes must be 1024 or more");
      require(changeBurst >= 1, "changeBurst must be 1 or more");
      require(!changeInterval.isNegative(), "changeInterval must not be negative");
    }

    /** Room for as many names as a request may have; eight changes, then one in five seconds. */
    public static PerNode defaults() {
      return new PerNode(Optional.empty(), 8, Duration.ofSeconds(5));
    }
  }

  /**
   * What a SubjectAccessReview asks for the requestor.
   *
   * @param verb for example {@code create}
   * @param group API group
   * @param resource plural resource
   * @param subresource subresource, or empty
   */
  public record AccessAttributes(
      String verb, String group, String resource, Optional<String> subresource) {
    public AccessAttributes {
      Objects.requireNonNull(verb, "verb");
      Objects.requireNonNull(group, "group");
      Objects.requireNonNull(resource, "resource");
      Objects.requireNonNull(subresource, "subresource");
    }

    /** create certificatesigningrequests.certificates.k8s.io, as kubelet-rubber-stamp asks. */
    public static AccessAttributes defaults() {
      return new AccessAttributes(
          "create", "certificates.k8s.io", "certificatesigningrequests", Optional.empty());
    }
  }

  /**
   * Inventories and how their answers combine.
   *
   * @param sources at least one, in order
   * @param combine how
   * @param replacesNodeStatus whether a name that the inventory gives need not be among the Node's
   *     addresses
   * @param onMissing what is done with a Node that no source knows
   */
  public record Inventory(
      List<InventorySource> sources,
      Combine combine,
      boolean replacesNodeStatus,
      OnMissing onMissing) {
    public Inventory {
      Objects.requireNonNull(onMissing, "onMissing");
      sources = List.copyOf(sources);
      require(!sources.isEmpty(), "sources must not be empty");
      Objects.requireNonNull(combine, "combine");
      require(
          sources.stream().map(InventorySource::name).distinct().count() == sources.size(),
          "names of sources must differ");
    }

    /** Defers what no source knows. */
    public Inventory(List<InventorySource> sources, Combine combine, boolean replacesNodeStatus) {
      this(sources, combine, replacesNodeStatus, OnMissing.DEFER);
    }
  }

  /** What is done with a request of a Node that no inventory knows. */
  public enum OnMissing {
    /** It is deferred. */
    DEFER,
    /** It may renew names and addresses of the certificate that the Node serves now. */
    RENEW
  }

  /** How answers of several inventories combine. */
  public enum Combine {
    /** The first source that knows the Node decides. */
    FIRST_THAT_KNOWS,
    /** One source that gives the name suffices. */
    ANY,
    /** Every source must give the name. */
    ALL
  }

  /**
   * What the certificate served now is good for.
   *
   * @param onChange what a change of names since then does
   * @param settlesContest whether a certificate of the Node that answers at a contested address
   *     shows that the address is the Node's
   * @param kubeletPort the port at which all kubelets are dialed; never the one that a Node names,
   *     at which anybody's program may answer
   * @param authority whose signature the certificate served now must have
   */
  public record Renewal(
      OnChange onChange, boolean settlesContest, int kubeletPort, KubeletAuthority authority) {
    public Renewal {
      Objects.requireNonNull(onChange, "onChange");
      Objects.requireNonNull(authority, "authority");
      require(kubeletPort >= 1 && kubeletPort <= 65_535, "kubeletPort must be 1 to 65535");
    }

    /** With the authorities that the API server is verified with. */
    public Renewal(OnChange onChange, boolean settlesContest, int kubeletPort) {
      this(onChange, settlesContest, kubeletPort, new KubeletAuthority.OfApiServer());
    }

    /** Looked at only where an address is contested, at the kubelets' usual port. */
    public static Renewal defaults() {
      return new Renewal(OnChange.IGNORE, true, 10_250);
    }
  }

  /** What a change of names between two certificates of a Node does. */
  public enum OnChange {
    /** The certificate served now is not looked at. */
    IGNORE,
    /** The decision carries a notice. */
    NOTICE,
    /** The request is held until a person looks at it. */
    HOLD
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }
}
