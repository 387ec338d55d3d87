package dev.countersign.render.spec;

import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.render.network.Host;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that sets a cluster apart, checked.
 *
 * <p>Immutable. {@link #parse} is the door; its rules are in {@code
 * docs/schema/cluster-spec.schema.json} and, where they relate fields to each other, in {@link
 * SpecRules}.
 *
 * @param clusterName of the cluster, a DNS label
 * @param release the Kubernetes to run, and what belongs to it
 * @param apiServers what clients reach the API server by; the first one is in every kubeconfig
 * @param externalApiserverPort the port of those
 * @param etcdServers what the API server and etcd servers reach etcd by
 * @param networking between pods
 * @param podCidrs one of a family, or one of each
 * @param serviceCidrs of the same families in the same order
 * @param clusterDomainSuffix of Services and Pods
 * @param serviceAccountIssuer an https URL
 * @param cloudProvider who initialises nodes
 * @param enableAggregation whether the API server passes requests on to extension API servers
 * @param daemonsetTolerations keys of taints that kube-proxy and the network provider tolerate
 * @param components what is rendered
 * @param containerImages what the spec names; see {@link #image}
 * @param pki keys and certificates
 * @param kubeletCertificateDuration how long what kube-controller-manager signs is good for
 * @param bootstrapToken the first token
 * @param join who decides whether a machine may join under a name
 * @param nodes the machines, where they are to be rendered
 */
public record ClusterSpec(
    String clusterName,
    KubernetesRelease release,
    List<Host> apiServers,
    int externalApiserverPort,
    List<Host> etcdServers,
    Networking networking,
    List<IpRange> podCidrs,
    List<IpRange> serviceCidrs,
    DnsName clusterDomainSuffix,
    String serviceAccountIssuer,
    CloudProvider cloudProvider,
    boolean enableAggregation,
    List<String> daemonsetTolerations,
    Set<Component> components,
    Map<ContainerImage, String> containerImages,
    PkiSpec pki,
    Duration kubeletCertificateDuration,
    BootstrapTokenSpec bootstrapToken,
    JoinMode join,
    Optional<NodesSpec> nodes) {

  /** Cluster DNS answers at this address of the service range, counted from its first. */
  public static final int DNS_SERVICE_OFFSET = 10;

  public ClusterSpec {
    Objects.requireNonNull(clusterName, "clusterName");
    Objects.requireNonNull(release, "release");
    apiServers = List.copyOf(apiServers);
    etcdServers = List.copyOf(etcdServers);
    Objects.requireNonNull(networking, "networking");
    podCidrs = List.copyOf(podCidrs);
    serviceCidrs = List.copyOf(serviceCidrs);
    Objects.requireNonNull(clusterDomainSuffix, "clusterDomainSuffix");
    Objects.requireNonNull(serviceAccountIssuer, "serviceAccountIssuer");
    Objects.requireNonNull(cloudProvider, "cloudProvider");
    daemonsetTolerations = List.copyOf(daemonsetTolerations);
    components = Set.copyOf(components);
    containerImages = Map.copyOf(containerImages);
    Objects.requireNonNull(pki, "pki");
    Objects.requireNonNull(kubeletCertificateDuration, "kubeletCertificateDuration");
    Objects.requireNonNull(bootstrapToken, "bootstrapToken");
    Objects.requireNonNull(join, "join");
    Objects.requireNonNull(nodes, "nodes");
    if (apiServers.isEmpty() || etcdServers.isEmpty()) {
      throw new IllegalArgumentException("apiServers, etcdServers: must not be empty");
    }
    if (podCidrs.isEmpty() || podCidrs.size() != serviceCidrs.size()) {
      throw new IllegalArgumentException("podCidrs, serviceCidrs: must be of the same families");
    }
  }

  /** Reads a spec from YAML or JSON. */
  public static ParseResult<ClusterSpec> parse(String yaml) {
    return SpecParser.parse(yaml, Optional.empty());
  }

  /**
   * Reads a spec, and takes {@code nodes.kubeletImageOverride} from elsewhere.
   *
   * @param image as {@code --kubelet-image} gives it
   */
  public static ParseResult<ClusterSpec> parseWithKubeletImage(String yaml, String image) {
    return SpecParser.parse(yaml, Optional.of(image));
  }

  /** The image to run. */
  public String image(ContainerImage image) {
    return containerImages.getOrDefault(image, image.of(release));
  }

  /** The version of Kubernetes, {@code kubernetesVersion}. */
  public KubernetesVersion kubernetesVersion() {
    return release.kubernetes();
  }

  /** Where every kubeconfig points. */
  public String apiServerUrl() {
    return "https://" + apiServers.getFirst().inUrl() + ":" + externalApiserverPort;
  }

  /** The address of cluster DNS in each service range, the tenth. */
  public List<IpAddress> clusterDnsServiceIps() {
    return serviceCidrs.stream()
        .map(range -> range.address(DNS_SERVICE_OFFSET).orElseThrow())
        .toList();
  }

  /** The address of the API server in each service range, the first. */
  public List<IpAddress> apiServerServiceIps() {
    return serviceCidrs.stream().map(range -> range.address(1).orElseThrow()).toList();
  }

  /**
   * The names of the control plane's Nodes, as far as they are known before the machines boot: the
   * domains of the controllers. On bare metal a kubelet registers under its machine's domain;
   * elsewhere a domain is what the platform will call the machine.
   */
  public List<DnsName> controlPlaneNodes() {
    return nodes.stream()
        .flatMap(each -> each.controllers().stream())
        .flatMap(controller -> controller.domain().stream())
        .toList();
  }
}
