package dev.countersign.policy;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Facts that tests start from: a cluster in which {@code node-a} is honest. */
public final class Worlds {
  /** metadata.uid of {@code node-a}. */
  public static final String UID = "uid-a";

  private Worlds() {}

  /** node-a with its name and 192.0.2.10, nothing else unusual. */
  public static Facts honest() {
    return of(node(Requests.NODE, UID, hostname(Requests.NODE), internal("192.0.2.10")));
  }

  /** A cluster in which that Node holds all its addresses. */
  public static Facts of(NodeFact node) {
    return Facts.none()
        .withNode(Fact.known(Optional.of(node)))
        .withProtectedSpace(Fact.known(cluster().build()))
        .withHoldings(Fact.known(heldBy(node)))
        .withNewerPending(Fact.known(0))
        .withAccess(Fact.known(new AccessReview.Allowed()))
        .withResolution(Fact.known(Map.of()))
        .withServed(Fact.known(Optional.empty()));
  }

  /** Services 10.3.0.0/24, API server at 192.0.2.1. */
  public static ProtectedSpace.Builder cluster() {
    return ProtectedSpace.builder()
        .service("default", "kubernetes", List.of(ip("10.3.0.1")), List.of(), List.of())
        .service("shop", "web", List.of(ip("10.3.0.9")), List.of(ip("198.51.100.7")), List.of())
        .range(range("10.3.0.0/24"), ProtectedSpace.Kind.SERVICE_RANGE, "ServiceCIDR kubernetes")
        .address(
            ip("192.0.2.1"), ProtectedSpace.Kind.API_SERVER, "EndpointSlice default/kubernetes")
        .name(
            DnsName.of("api.example.com"),
            ProtectedSpace.Kind.API_SERVER,
            "the API server's certificate");
  }

  /** All of a Node's addresses held by it. */
  public static Map<NameOrAddress, AddressOwnership> heldBy(NodeFact node) {
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    AddressOwnership held = new AddressOwnership.HeldBy(node.name(), node.uid(), Requests.NOW);
    node.dnsNames().forEach(name -> holdings.put(name, held));
    node.ipAddresses().forEach(address -> holdings.put(address, held));
    return holdings;
  }

  /** The honest world with something else about one name or address. */
  public static Facts holding(NameOrAddress claim, AddressOwnership holding) {
    Map<NameOrAddress, AddressOwnership> holdings =
        heldBy(node(Requests.NODE, UID, hostname(Requests.NODE), internal("192.0.2.10")));
    holdings.put(claim, holding);
    return honest().withHoldings(Fact.known(holdings));
  }

  public static NodeFact node(String name, String uid, NodeAddress... addresses) {
    return new NodeFact(
        nodeName(name),
        uid,
        Requests.NOW,
        List.of(addresses),
        List.of(),
        Map.of("Ready", "True"),
        Map.of());
  }

  public static NodeFact labelled(NodeFact node, String... labels) {
    Map<String, String> all = new HashMap<>();
    Set.of(labels).forEach(label -> all.put(label, ""));
    return new NodeFact(
        node.name(),
        node.uid(),
        node.created(),
        node.addresses(),
        node.podRanges(),
        node.conditions(),
        all);
  }

  public static NodeAddress hostname(String text) {
    return new NodeAddress(NodeAddress.Type.HOSTNAME, text);
  }

  public static NodeAddress internal(String text) {
    return new NodeAddress(NodeAddress.Type.INTERNAL_IP, text);
  }

  public static NodeAddress external(String text) {
    return new NodeAddress(NodeAddress.Type.EXTERNAL_IP, text);
  }

  public static NodeAddress internalDns(String text) {
    return new NodeAddress(NodeAddress.Type.INTERNAL_DNS, text);
  }

  public static NodeAddress externalDns(String text) {
    return new NodeAddress(NodeAddress.Type.EXTERNAL_DNS, text);
  }

  public static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  public static IpRange range(String text) {
    return IpRange.parse(text).orElseThrow();
  }

  public static DnsName dns(String text) {
    return DnsName.of(text);
  }

  public static NodeName nodeName(String text) {
    return NodeName.parse(text).orElseThrow();
  }
}
