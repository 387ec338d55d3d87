package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Names and addresses that belong to the cluster and hence to no Node, learnt from the cluster's
 * objects.
 */
public interface ProtectedSpace {
  /** Whose a protected name or address is. Earlier constants win where there are several. */
  enum Kind {
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
    /** A range of Pod addresses; a Node that owned an address in it before keeps it. */
    POD_RANGE,
    /**
     * An external or load balancer address of a Service. Users with few rights can set these, and
     * some clusters publish the Nodes' own addresses this way: a Node that owned the address before
     * keeps it.
     */
    SERVICE_EXTERNAL,
    /**
     * The name of a Service without its namespace, as Pods of that namespace reach it by their
     * search list. Users with few rights choose it: the Node that is called so, or that owned the
     * name before, has it all the same.
     */
    SERVICE_SHORT_NAME;

    /** As shown in metrics, for example {@code service-address}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Why something is protected.
   *
   * @param kind whose it is
   * @param detail the object it was learnt from, for example {@code Service default/kubernetes}
   * @param saidBy the Node whose object it was learnt from, which its kubelet may have written
   */
  record Source(Kind kind, String detail, Optional<NodeName> saidBy) {
    public Source {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(detail, "detail");
      Objects.requireNonNull(saidBy, "saidBy");
    }

    /** One that was not learnt from a Node. */
    public Source(Kind kind, String detail) {
      this(kind, detail, Optional.empty());
    }
  }

  /** What can be protected. */
  sealed interface Place {
    /** One name. */
    record Name(DnsName name) implements Place {}

    /** A name and everything below it. */
    record Domain(DnsName name) implements Place {}

    /** One address. */
    record Address(IpAddress address) implements Place {}

    /** A block of addresses. */
    record Range(IpRange range) implements Place {}
  }

  /** That something is protected, and why. */
  record Protection(Place place, Source source) {}

  /** Starts an empty one. */
  static Builder builder() {
    return new Builder();
  }

  /** Why the name is protected, if it is. */
  Optional<Source> protecting(DnsName name);

  /**
   * Why the address is protected, if it is; the strongest reason where there are several.
   *
   * @param believed which of the ranges count that Nodes say are their Pods'
   */
  Optional<Source> protecting(IpAddress address, Predicate<IpRange> believed);

  /** The same of a name or an address. */
  default Optional<Source> protecting(NameOrAddress claim, Predicate<IpRange> believed) {
    return switch (claim) {
      case DnsName name -> protecting(name);
      case IpAddress address -> protecting(address, believed);
    };
  }

  /** The same where Nodes are believed. */
  default Optional<Source> protecting(IpAddress address) {
    return protecting(address, _ -> true);
  }

  /** That the ranges which Services get their addresses from are not known, where they are not. */
  Optional<ServiceRangesUnknown> serviceRangesUnknown();

  /** Collects what is protected. Not safe for use by several threads. */
  final class Builder {
    private final Set<Protection> protections = new LinkedHashSet<>();
    private Optional<ServiceRangesUnknown> serviceRangesUnknown = Optional.empty();

    private Builder() {}

    private Builder protect(Place place, Kind kind, String detail) {
      protections.add(new Protection(place, new Source(kind, detail)));
      return this;
    }

    /** Protects one name. */
    public Builder name(DnsName name, Kind kind, String detail) {
      return protect(new Place.Name(name), kind, detail);
    }

    /** Protects a name and everything below it. */
    public Builder domain(DnsName domain, Kind kind, String detail) {
      return domain.text().isEmpty() ? this : protect(new Place.Domain(domain), kind, detail);
    }

    /** Protects one address. */
    public Builder address(IpAddress address, Kind kind, String detail) {
      return protect(new Place.Address(address), kind, detail);
    }

    /** Protects a range. */
    public Builder range(IpRange range, Kind kind, String detail) {
      return protect(new Place.Range(range), kind, detail);
    }

    /** Says why not all ranges of Services are known. */
    public Builder serviceRangesUnknown(ServiceRangesUnknown unknown) {
      serviceRangesUnknown = Optional.of(unknown);
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
      boolean everyones = namespace.equals("default") || namespace.equals("kube-system");
      return name(
          DnsName.of(name), everyones ? Kind.SERVICE_NAME : Kind.SERVICE_SHORT_NAME, detail);
    }

    /**
     * Protects the names of the Pods of a headless Service: cluster DNS publishes {@code
     * db-0.db.prod.svc.cluster.local}, which Pods reach as {@code db-0.db.prod} by their search
     * path. Headless Services only, since no others publish such names: a Service {@code compute}
     * of a namespace {@code internal} must not take away every Node's name under compute.internal.
     * Nor what is below the Service's name alone, for the same reason.
     *
     * @param namespace {@code metadata.namespace}
     * @param name {@code metadata.name}
     */
    public Builder headlessService(String namespace, String name) {
      return domain(
          DnsName.of(name + "." + namespace),
          Kind.SERVICE_NAME,
          "Service " + namespace + "/" + name);
    }

    /**
     * Protects the Pod ranges that a Node's spec names. Kubelets can write {@code spec.podCIDRs} of
     * their own Node, so one that is absurdly broad (shorter than /16, or /48 in IPv6) never
     * counts; whoever asks says which of the others do.
     */
    public Builder podRanges(NodeName node, List<IpRange> of) {
      for (IpRange range : of) {
        if (range.prefix() >= (range.first().version4() ? 16 : 48)) {
          protections.add(
              new Protection(
                  new Place.Range(range),
                  new Source(Kind.POD_RANGE, "Pod range of Node " + node, Optional.of(node))));
        }
      }
      return this;
    }

    /**
     * Protects the names and addresses that the API server's own certificate is for; a wildcard
     * stands for no one name.
     */
    public Builder apiServerCertificate(X509Certificate certificate) {
      String detail = "certificate of the API server";
      try {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        for (List<?> name : names == null ? List.<List<?>>of() : names) {
          if (name.size() == 2 && name.get(1) instanceof String text && !text.startsWith("*")) {
            Optional<IpAddress> address = IpAddress.parse(text);
            if (address.isPresent()) {
              address(address.get(), Kind.API_SERVER, detail);
            } else if (Integer.valueOf(2).equals(name.get(0))) {
              name(DnsName.of(text), Kind.API_SERVER, detail);
            }
          }
        }
      } catch (CertificateParsingException e) {
        // The connection was verified by a name that could be read; there is nothing more to learn.
      }
      return this;
    }

    /** What was collected. */
    public Set<Protection> protections() {
      return Set.copyOf(protections);
    }

    /** The result, which does not change any more. */
    public ProtectedSpace build() {
      return build(PodRangeWitness.NONE);
    }

    /** The same, where something may contradict what Nodes say of their Pod ranges. */
    public ProtectedSpace build(PodRangeWitness witness) {
      ProtectedIndex index = new ProtectedIndex(witness, serviceRangesUnknown);
      index.replace(Set.of(), protections);
      return index;
    }
  }
}
