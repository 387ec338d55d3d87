package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpFamily;
import dev.countersign.common.name.IpRange;
import dev.countersign.render.network.Host;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rules that relate a spec's fields to each other, and those of labels and taints. */
final class SpecRules {
  /** kube-controller-manager's node ranges: /24 and /64, and at most 2^16 of them. */
  private static final int NODE_PREFIX_V4 = 24;

  private static final int NODE_PREFIX_V6 = 64;
  private static final int NODE_RANGE_BITS = 16;

  /** Loopback, link-local, multicast and unspecified addresses (RFC 6890). */
  private static final List<IpRange> NOT_ROUTED =
      Stream.of(
              "0.0.0.0/8",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "224.0.0.0/3",
              "::/127",
              "fe80::/10",
              "ff00::/8")
          .map(text -> IpRange.parse(text).orElseThrow())
          .toList();

  private SpecRules() {}

  static void ranges(Fields fields, List<IpRange> pods, List<IpRange> services) {
    families(fields, "podCidr", pods);
    families(fields, "serviceCidr", services);
    List<IpFamily> podFamilies = pods.stream().map(IpRange::family).toList();
    List<IpFamily> serviceFamilies = services.stream().map(IpRange::family).toList();
    if (!podFamilies.isEmpty()
        && !serviceFamilies.isEmpty()
        && !podFamilies.equals(serviceFamilies)) {
      fields.wrong(
          "serviceCidr",
          serviceFamilies.toString(),
          "the families of podCidr in the same order, " + podFamilies);
    }
    for (IpRange pod : pods) {
      int node = pod.family() == IpFamily.IPV4 ? NODE_PREFIX_V4 : NODE_PREFIX_V6;
      if (pod.prefix() >= node) {
        fields.wrong("podCidr", pod.toString(), "room for more than one node's /" + node);
      } else if (node - pod.prefix() > NODE_RANGE_BITS) {
        fields.wrong(
            "podCidr",
            pod.toString(),
            "a prefix of at least /" + (node - NODE_RANGE_BITS) + ", as nodes get a /" + node);
      }
      for (IpRange service : services) {
        if (pod.overlaps(service)) {
          fields.wrong("serviceCidr", service.toString(), "no address of podCidr " + pod);
        }
      }
    }
    for (IpRange service : services) {
      if (service.address(ClusterSpec.DNS_SERVICE_OFFSET).isEmpty()) {
        fields.wrong(
            "serviceCidr",
            service.toString(),
            "room for cluster DNS at the "
                + ClusterSpec.DNS_SERVICE_OFFSET
                + "th address, so at most /"
                + (service.family().bits() - 4));
      }
      int least = service.family() == IpFamily.IPV4 ? 12 : 64;
      if (service.prefix() < least) {
        fields.wrong("serviceCidr", service.toString(), "a prefix of at least /" + least);
      }
    }
  }

  /** Whether it is loopback, link-local, multicast or unspecified. */
  static boolean isNotRouted(IpAddress address) {
    return NOT_ROUTED.stream().anyMatch(special -> special.contains(address));
  }

  private static void families(Fields fields, String key, List<IpRange> ranges) {
    Set<IpFamily> seen = EnumSet.noneOf(IpFamily.class);
    for (IpRange range : ranges) {
      if (!seen.add(range.family())) {
        fields.wrong(
            key, "two ranges of " + range.family(), "one range, or one of IPv4 and one of IPv6");
      }
      if (isNotRouted(range.first())) {
        fields.wrong(
            key, range.toString(), "a range that is not loopback, link-local or multicast");
      }
    }
  }

  static void addresses(
      Fields fields, String key, List<Host> hosts, List<IpRange> pods, List<IpRange> services) {
    List<IpRange> taken = new ArrayList<>(pods);
    taken.addAll(services);
    for (int i = 0; i < hosts.size(); i++) {
      if (!(hosts.get(i).value() instanceof IpAddress address)) {
        continue;
      }
      for (IpRange range : taken) {
        if (range.contains(address)) {
          fields.wrong(
              key, address.toString(), "an address outside of the pod and service range " + range);
        }
      }
    }
  }

  static void controllersMatchEtcd(Fields fields, int controllers, List<Host> etcdServers) {
    if (etcdServers.isEmpty()) {
      return;
    }
    if (controllers == 0) {
      fields.wrong("controllers", "none", "one for each of etcdServers, " + etcdServers.size());
    }
    for (int i = etcdServers.size(); i < controllers; i++) {
      fields.wrong(
          "controllers",
          "controllers[" + i + "]",
          "at most one for each of etcdServers; etcdServers[" + i + "] does not exist");
    }
    if (controllers > 0 && controllers < etcdServers.size()) {
      fields.wrong(
          "controllers",
          controllers + " for " + etcdServers.size() + " etcdServers",
          "one for each of etcdServers; controllers[" + controllers + "] does not exist");
    }
  }

  static void platformData(Fields fields, Optional<Platform> platform, List<String> keys) {
    if (platform.filter(Platform::needsSshKeys).isPresent()
        && keys.isEmpty()
        && !fields.has("sshAuthorizedKeys")) {
      fields.missing(
          "sshAuthorizedKeys", "at least one OpenSSH public key on " + platform.get().key());
    }
  }

  static ParseResult<String> label(String text, Pattern value) {
    int equals = text.indexOf('=');
    String key = equals < 0 ? text : text.substring(0, equals);
    String content = equals < 0 ? "" : text.substring(equals + 1);
    if (!SpecFields.QUALIFIED.matcher(key).matches() || !value.matcher(content).matches()) {
      return ParseResult.refused("", text, "key=value of a Kubernetes label");
    }
    if (!kubeletMaySet(key)) {
      return ParseResult.refused(
          new ParseError("", text, "a label that a kubelet may set on its own Node")
              .then("NodeRestriction refuses the others; set it with kubectl or a controller"));
    }
    return ParseResult.parsed(key + "=" + content);
  }

  /** As the kubelet and NodeRestriction have it (KEP-279 and k8s.io/kubelet/pkg/apis). */
  private static boolean kubeletMaySet(String key) {
    int slash = key.indexOf('/');
    if (slash < 0) {
      return true;
    }
    String domain = key.substring(0, slash);
    boolean reserved = in(domain, "kubernetes.io") || in(domain, "k8s.io");
    if (!reserved) {
      return true;
    }
    if (in(domain, "node-restriction.kubernetes.io")) {
      return false;
    }
    return in(domain, "kubelet.kubernetes.io")
        || in(domain, "node.kubernetes.io")
        || Set.of(
                "kubernetes.io/hostname",
                "kubernetes.io/arch",
                "kubernetes.io/os",
                "topology.kubernetes.io/zone",
                "topology.kubernetes.io/region",
                "failure-domain.beta.kubernetes.io/zone",
                "failure-domain.beta.kubernetes.io/region",
                "beta.kubernetes.io/instance-type",
                "beta.kubernetes.io/arch",
                "beta.kubernetes.io/os")
            .contains(key);
  }

  private static boolean in(String domain, String parent) {
    return domain.equals(parent) || domain.endsWith("." + parent);
  }

  static ParseResult<String> taint(String text, Pattern value) {
    int colon = text.lastIndexOf(':');
    String effect = colon < 0 ? "" : text.substring(colon + 1);
    String rest = colon < 0 ? text : text.substring(0, colon);
    int equals = rest.indexOf('=');
    String key = equals < 0 ? rest : rest.substring(0, equals);
    String content = equals < 0 ? "" : rest.substring(equals + 1);
    if (!Set.of("NoSchedule", "PreferNoSchedule", "NoExecute").contains(effect)
        || !SpecFields.QUALIFIED.matcher(key).matches()
        || !value.matcher(content).matches()) {
      return ParseResult.refused(
          "", text, "key=value:Effect with an effect of NoSchedule, PreferNoSchedule, NoExecute");
    }
    return ParseResult.parsed(key + "=" + content + ":" + effect);
  }

  /** The range that an address with a prefix lies in, for a suggestion. */
  static Optional<IpRange> networkOf(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text.substring(slash + 1));
    return IpAddress.parseStrict(text.substring(0, slash))
        .filter(address -> prefix <= address.family().bits())
        .map(address -> IpRange.around(address, prefix));
  }
}
