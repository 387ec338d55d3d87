package dev.countersign.render.manifest;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpFamily;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.YamlText;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.ApproverPlace;
import dev.countersign.render.approver.PolicyNeeds;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.Component;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.JoinMode;
import dev.countersign.render.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The objects that are applied to a new cluster, but for the bootstrap token. */
public final class Manifests {
  /** What {@link JoinMode#STRICT} must not have: kube-controller-manager asks nobody else. */
  public static final List<String> APPROVED_BY_CONTROLLER_MANAGER =
      List.of(
          "bootstrap-new-approve-cluster-role-binding.yaml",
          "bootstrap-renew-approve-cluster-role-binding.yaml");

  private Manifests() {}

  /** Path below {@code manifests/} to content; none of it is secret. */
  public static Map<String, String> render(ClusterSpec spec) {
    Map<String, String> files = new TreeMap<>();
    for (String name :
        List.of(
            "apiserver-kubelet-client-cluster-role-binding.yaml",
            "bootstrap-cluster-role-binding.yaml",
            "kubelet-delete-cluster-role-binding.yaml",
            "kubelet-delete-cluster-role.yaml")) {
      files.put(name, resource("core/" + name).render());
    }
    if (spec.join() == JoinMode.OPEN) {
      for (String name : APPROVED_BY_CONTROLLER_MANAGER) {
        files.put(name, resource("core/" + name).render());
      }
    }
    files.put(
        "in-cluster.yaml",
        resource("core/in-cluster.yaml")
            .with("host", YamlText.quoted(spec.apiServers().getFirst().toString()))
            .with("port", YamlText.quoted(String.valueOf(spec.externalApiserverPort())))
            .render());
    files.put(
        "kubeconfig-in-cluster.yaml",
        resource("core/kubeconfig-in-cluster.yaml").with("server", spec.apiServerUrl()).render());
    if (spec.components().contains(Component.APPROVER)) {
      approver(spec, files);
    }
    if (spec.components().contains(Component.COREDNS)) {
      coredns(spec, files);
    }
    if (spec.components().contains(Component.KUBE_PROXY)) {
      kubeProxy(spec, files);
    }
    if (spec.components().contains(Component.FLANNEL)) {
      flannel(spec, files);
    }
    return files;
  }

  private static void approver(ClusterSpec spec, Map<String, String> files) {
    ApproverDeployment deployment =
        ApproverDeployment.defaults()
            .inNamespace("kube-system")
            .withImage(spec.image(ContainerImage.APPROVER))
            .withReplicas(Math.min(2, spec.etcdServers().size()))
            .withPolicy(policy(spec), PolicyNeeds.ofDefaultPolicy())
            .at(ApproverPlace.CONTROL_PLANE);
    ApproverManifests.files(
            spec.join() == JoinMode.STRICT ? deployment.withStrictJoin() : deployment)
        .forEach((name, text) -> files.put("approver/" + name, text));
  }

  /**
   * The defaults, with this cluster's domain in place of the usual one, its ranges of Pods and
   * Services (the approver learns a Node's Pod range only once the Node has it, and somebody else
   * may have claimed an address in it by then; older clusters do not tell their Service range) and
   * the Nodes that may have the API server's address.
   */
  private static String policy(ClusterSpec spec) {
    StringBuilder policy = new StringBuilder(ApproverDeployment.DEFAULT_POLICY);
    policy
        .append("  protected:\n    clusterDomains:\n    - ")
        .append(YamlText.scalar(spec.clusterDomainSuffix().text()))
        .append('\n');
    list("podCIDRs", spec.podCidrs(), policy);
    list("serviceCIDRs", spec.serviceCidrs(), policy);
    list("controlPlaneNodes", spec.controlPlaneNodes(), policy);
    return policy.toString();
  }

  private static void list(String field, List<?> values, StringBuilder policy) {
    if (values.isEmpty()) {
      return;
    }
    policy.append("    ").append(field).append(":\n");
    for (Object value : values) {
      policy.append("    - ").append(YamlText.scalar(value.toString())).append('\n');
    }
  }

  private static void coredns(ClusterSpec spec, Map<String, String> files) {
    asIs("coredns", List.of("service-account", "cluster-role", "cluster-role-binding"), files);
    files.put(
        "coredns/config.yaml",
        resource("coredns/config.yaml").with("suffix", spec.clusterDomainSuffix().text()).render());
    files.put(
        "coredns/deployment.yaml",
        resource("coredns/deployment.yaml")
            .with("replicas", String.valueOf(Math.max(2, spec.etcdServers().size())))
            .with("image", YamlText.scalar(spec.image(ContainerImage.COREDNS)))
            .render());
    List<String> ips = spec.clusterDnsServiceIps().stream().map(IpAddress::toString).toList();
    files.put(
        "coredns/service.yaml",
        resource("coredns/service.yaml")
            .with("ip", YamlText.quoted(ips.getFirst()))
            .with("ips", ips.stream().map(ip -> "- " + YamlText.quoted(ip)).toList())
            .with("policy", ips.size() == 1 ? "SingleStack" : "RequireDualStack")
            .render());
  }

  private static void kubeProxy(ClusterSpec spec, Map<String, String> files) {
    asIs("kube-proxy", List.of("kube-proxy-sa", "kube-proxy-role-binding"), files);
    boolean reachesV4 = spec.podCidrs().stream().anyMatch(range -> range.family() == IpFamily.IPV4);
    files.put(
        "kube-proxy/kube-proxy.yaml",
        resource("kube-proxy/kube-proxy.yaml")
            .with("image", YamlText.scalar(spec.image(ContainerImage.KUBE_PROXY)))
            .with("tolerations", tolerations(spec))
            .with(
                "flags",
                YamlText.list(
                    List.of(
                        "--cluster-cidr=" + StaticPods.ranges(spec.podCidrs()),
                        "--hostname-override=$(NODE_NAME)",
                        "--kubeconfig=/etc/kubernetes/kubeconfig",
                        "--metrics-bind-address=" + (reachesV4 ? "0.0.0.0" : "[::]") + ":10249",
                        "--proxy-mode=" + proxyMode(spec))))
            .render());
  }

  /** In the mode that is on without a feature gate: nftables since 1.31. */
  private static String proxyMode(ClusterSpec spec) {
    return spec.kubernetesVersion().isAtLeast(31) ? "nftables" : "iptables";
  }

  private static void flannel(ClusterSpec spec, Map<String, String> files) {
    asIs("flannel", List.of("service-account", "cluster-role", "cluster-role-binding"), files);
    List<String> networks = new ArrayList<>();
    for (IpRange range : spec.podCidrs()) {
      if (range.family() == IpFamily.IPV4) {
        networks.add("\"Network\": \"" + range + "\",");
      } else {
        networks.add("\"EnableIPv6\": true,");
        networks.add("\"IPv6Network\": \"" + range + "\",");
      }
    }
    if (spec.podCidrs().stream().noneMatch(range -> range.family() == IpFamily.IPV4)) {
      networks.addFirst("\"EnableIPv4\": false,");
    }
    files.put(
        "flannel/config.yaml", resource("flannel/config.yaml").with("networks", networks).render());
    files.put(
        "flannel/daemonset.yaml",
        resource("flannel/daemonset.yaml")
            .with("image", YamlText.scalar(spec.image(ContainerImage.FLANNEL)))
            .with("cniImage", YamlText.scalar(spec.image(ContainerImage.FLANNEL_CNI)))
            .with("tolerations", tolerations(spec))
            .render());
  }

  /** What a node must tolerate that is not ready for want of exactly these pods. */
  private static List<String> tolerations(ClusterSpec spec) {
    List<String> lines = new ArrayList<>();
    List<String> keys =
        new ArrayList<>(
            List.of(
                "node-role.kubernetes.io/controller",
                "node.kubernetes.io/not-ready",
                "node.cloudprovider.kubernetes.io/uninitialized"));
    keys.addAll(spec.daemonsetTolerations());
    for (String key : keys) {
      lines.add("- key: " + YamlText.scalar(key));
      lines.add("  operator: Exists");
    }
    return lines;
  }

  private static void asIs(String directory, List<String> names, Map<String, String> files) {
    for (String name : names) {
      String path = directory + "/" + name + ".yaml";
      files.put(path, resource(path).render());
    }
  }

  private static Template resource(String name) {
    return Template.resource(Manifests.class, name);
  }
}
