package dev.countersign.approver.cluster;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ServiceRanges;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.policy.ownership.Shard;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The facts about the cluster that are kept in memory. Thread-safe; filled by {@link #watches},
 * each of which the caller runs on a thread of its own.
 */
public final class InformerCaches {
  /** Told what changed, so that requests which wait for it are looked at again. */
  public interface Listener {
    /** Takes no notice. */
    Listener NONE =
        new Listener() {
          @Override
          public void nodeChanged(
              NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {}

          @Override
          public void surroundingsChanged() {}
        };

    /** A Node came, changed in a way that matters, or went. */
    void nodeChanged(NodeName name, Optional<NodeFact> before, Optional<NodeFact> after);

    /** Names or addresses of the cluster itself changed, or a first list is complete. */
    void surroundingsChanged();
  }

  private final ApiClient client;
  private final Listener listener;
  private final StringInterner shared = new StringInterner();
  private final NodeAddressIndex claims = new NodeAddressIndex();
  private final Store<NodeObject> nodes;
  private final Store<ServiceObject> services;
  private final Store<ServiceCidrObject> serviceRanges;
  private final Store<EndpointSliceObject> apiServers;
  private final List<Reflector<?>> watches;
  private final Reflector<ServiceCidrObject> serviceRangesWatch;
  private final ProtectedNamesTracker space = new ProtectedNamesTracker(this::serviceRangesUnknown);
  private final ReentrantLock certificateLock = new ReentrantLock();
  private volatile Optional<X509Certificate> certificate = Optional.empty();

  /** Caches without content. */
  public InformerCaches(
      ApiClient client,
      Reflector.Timing timing,
      WatchObserver observer,
      RandomGenerator random,
      Listener listener) {
    this.client = client;
    this.listener = listener;
    nodes =
        new Store<>(
            NodeObject::name,
            (before, after) -> before.fact().equals(after.fact()),
            new Store.Listener<>() {
              @Override
              public void changed(
                  String key, Optional<NodeObject> before, Optional<NodeObject> after) {
                nodeChanged(before.flatMap(NodeObject::fact), after.flatMap(NodeObject::fact));
              }

              @Override
              public void complete() {
                listener.surroundingsChanged();
              }
            });
    services =
        cache(
            ServiceObject::key,
            (before, after) -> before.content().equals(after.content()),
            InformerCaches::protections);
    serviceRanges =
        cache(
            ServiceCidrObject::name,
            (before, after) -> before.ranges().equals(after.ranges()),
            InformerCaches::protections);
    apiServers =
        cache(
            EndpointSliceObject::name,
            (before, after) -> before.addresses().equals(after.addresses()),
            InformerCaches::protections);
    Watching watching = new Watching(client, timing, observer, random);
    serviceRangesWatch =
        Reflector.ofMissable(
            client,
            "servicecidrs",
            List.of(serviceRanges("v1"), serviceRanges("v1beta1")),
            ObjectDecoder.ofJson(ServiceCidrObject::decode),
            serviceRanges,
            timing,
            observer,
            random);
    watches =
        List.of(
            watching.over(
                "nodes",
                ListOptions.all(ApiQuery.path("api", "v1", "nodes")),
                NodeObject.decoder(shared),
                nodes),
            watching.over(
                "services",
                ListOptions.all(ApiQuery.path("api", "v1", "services")),
                ObjectDecoder.ofJson(ServiceObject::decode),
                services),
            serviceRangesWatch,
            watching.over(
                "endpointslices",
                ListOptions.all(
                        ApiQuery.path(
                            "apis",
                            "discovery.k8s.io",
                            "v1",
                            "namespaces",
                            "default",
                            "endpointslices"))
                    .withLabelSelector("kubernetes.io/service-name=kubernetes"),
                ObjectDecoder.ofJson(EndpointSliceObject::decode),
                apiServers));
  }

  private static ListOptions serviceRanges(String version) {
    return ListOptions.all(ApiQuery.path("apis", "networking.k8s.io", version, "servicecidrs"));
  }

  private record Watching(
      ApiClient client, Reflector.Timing timing, WatchObserver observer, RandomGenerator random) {
    <T extends Versioned> Reflector<T> over(
        String name, ListOptions query, ObjectDecoder<T> decoder, Store<T> cache) {
      return new Reflector<>(client, name, query, decoder, cache, timing, observer, random);
    }
  }

  private <T extends Versioned> Store<T> cache(
      Function<T, String> key,
      BiPredicate<T, T> same,
      Function<T, Set<ProtectedSpace.Protection>> protections) {
    return new Store<>(
        key,
        same,
        new Store.Listener<>() {
          @Override
          public void changed(String name, Optional<T> before, Optional<T> after) {
            replace(before, after, protections);
            listener.surroundingsChanged();
          }

          @Override
          public void complete() {
            listener.surroundingsChanged();
          }

          @Override
          public void missing() {
            listener.surroundingsChanged();
          }
        });
  }

  private <T> void replace(
      Optional<T> before,
      Optional<T> after,
      Function<T, Set<ProtectedSpace.Protection>> protections) {
    space.replace(
        before.map(protections).orElse(Set.of()), after.map(protections).orElse(Set.of()));
  }

  private void nodeChanged(Optional<NodeFact> before, Optional<NodeFact> after) {
    List<IpRange> had = before.map(NodeFact::podRanges).orElse(List.of());
    List<IpRange> has = after.map(NodeFact::podRanges).orElse(List.of());
    if (!had.equals(has)) {
      // Before its claims are to be seen: whoever sees a claim sees the ranges there were.
      replace(before, after, InformerCaches::protections);
    }
    after.ifPresentOrElse(claims::put, () -> before.map(NodeFact::name).ifPresent(claims::remove));
    before.or(() -> after).ifPresent(either -> listener.nodeChanged(either.name(), before, after));
    if (!has.containsAll(had)) {
      listener.surroundingsChanged();
    }
  }

  /** Takes in that a part of the record of addresses changed: what is on it is no Pod's. */
  public void recordChanged(Shard before, Shard after) {
    space.replace(before, after);
  }

  /** What fills the caches; each is to be run on a thread of its own. */
  public List<Reflector<?>> watches() {
    return watches;
  }

  /** Whether every collection has been listed completely once. */
  public boolean complete() {
    return nodes.complete()
        && services.complete()
        && (serviceRanges.complete() || serviceRangesWatch.missing().isPresent())
        && apiServers.complete();
  }

  /** That the ranges which Services get their addresses from are not known, where they are not. */
  public Optional<ServiceRangesUnknown> serviceRangesUnknown() {
    List<IpAddress> apiServer =
        services.get("default/kubernetes").map(ServiceObject::clusterAddresses).orElse(List.of());
    return serviceRangesWatch
        .missing()
        .or(
            () ->
                ServiceRanges.whyUnknown(
                    serviceRanges.all().stream()
                        .flatMap(object -> object.ranges().stream())
                        .toList(),
                    apiServer))
        .map(
            why ->
                ServiceRangesUnknown.of(
                    why,
                    apiServer,
                    services.all().stream()
                        .flatMap(service -> service.clusterAddresses().stream())
                        .toList()));
  }

  /** The number of Nodes known. */
  public int nodeCount() {
    return nodes.size();
  }

  /** All Nodes known. */
  public List<NodeFact> nodeFacts() {
    Collection<NodeObject> all = nodes.all();
    return all.stream().flatMap(node -> node.fact().stream()).toList();
  }

  /** Whether the list of Nodes is complete. */
  public boolean nodesComplete() {
    return nodes.complete();
  }

  /** Every address and name that some Node claims in its status now. */
  public Set<NameOrAddress> claims() {
    return claims.all();
  }

  /** The Nodes that claim this address or name in their status now, in no order. */
  public List<ReportedAddresses> claimants(NameOrAddress claim) {
    return claims.claimants(claim);
  }

  /** What the Node of that name claims now; empty where there is none. */
  public Optional<ReportedAddresses> claims(NodeName node) {
    return claims.of(node);
  }

  /** The Node of that name, or that there is none. */
  public Fact<Optional<NodeFact>> node(NodeName name) {
    if (!nodes.complete()) {
      return Fact.unknown("the list of Nodes is not complete yet");
    }
    return Fact.known(nodes.get(name.text()).flatMap(NodeObject::fact));
  }

  /**
   * The names and addresses that are the cluster's own, up to the last change that was heard of,
   * and followed from there on.
   */
  public Fact<ProtectedSpace> protectedSpace() {
    if (!complete()) {
      return Fact.unknown("the lists of Services, ServiceCIDRs and Nodes are not complete yet");
    }
    followCertificate();
    return Fact.known(space);
  }

  /** How many names, addresses and ranges are the cluster's own, by kind. */
  public Map<ProtectedSpace.Kind, Integer> protectedSizes() {
    return space.sizes();
  }

  private void followCertificate() {
    Optional<X509Certificate> shown = client.serverCertificate();
    if (shown.equals(certificate)) {
      return;
    }
    certificateLock.lock();
    try {
      replace(certificate, shown, InformerCaches::protections);
      certificate = shown;
    } finally {
      certificateLock.unlock();
    }
  }

  private static Set<ProtectedSpace.Protection> protections(ServiceObject service) {
    ProtectedSpace.Builder builder =
        ProtectedSpace.builder()
            .service(
                service.namespace(),
                service.name(),
                service.clusterAddresses(),
                service.externalAddresses(),
                service.externalNames());
    if (service.headless()) {
      builder.headlessService(service.namespace(), service.name());
    }
    return builder.protections();
  }

  private static Set<ProtectedSpace.Protection> protections(ServiceCidrObject object) {
    ProtectedSpace.Builder builder = ProtectedSpace.builder();
    for (IpRange range : object.ranges()) {
      builder.range(range, ProtectedSpace.Kind.SERVICE_RANGE, "ServiceCIDR " + object.name());
    }
    return builder.protections();
  }

  private static Set<ProtectedSpace.Protection> protections(EndpointSliceObject slice) {
    ProtectedSpace.Builder builder = ProtectedSpace.builder();
    for (IpAddress address : slice.addresses()) {
      builder.address(
          address, ProtectedSpace.Kind.API_SERVER, "EndpointSlice default/" + slice.name());
    }
    return builder.protections();
  }

  private static Set<ProtectedSpace.Protection> protections(NodeFact node) {
    return ProtectedSpace.builder().podRanges(node.name(), node.podRanges()).protections();
  }

  private static Set<ProtectedSpace.Protection> protections(X509Certificate certificate) {
    return ProtectedSpace.builder().apiServerCertificate(certificate).protections();
  }
}
