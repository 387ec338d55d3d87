package dev.countersign.render.node;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.manifest.EtcdEnvironment;
import dev.countersign.render.node.Unit.DropIn;
import dev.countersign.render.node.Unit.State;
import dev.countersign.render.os.Metadata;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.platform.NodePlatform;
import dev.countersign.render.spec.CloudProvider;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts a machine together: what every machine has, and what its platform, system and role add. */
final class NodeConfigBuilder {
  /** How long the kubelet gets to end pods, into which draining and deleting must fit. */
  static final int SHUTDOWN_SECONDS = 45;

  private final ClusterSpec spec;
  private final NodesSpec nodes;
  private final NodeOs os;
  private final NodePlatform platform;
  private final NodeSpec node;
  private final boolean controller;
  private final int index;
  private final Optional<SecretText> kubeconfig;

  NodeConfigBuilder(
      ClusterSpec spec,
      NodesSpec nodes,
      NodeRole role,
      int index,
      Optional<SecretText> kubeconfig) {
    this.spec = spec;
    this.nodes = nodes;
    this.os = NodeOs.of(nodes.os());
    this.platform = NodePlatform.of(nodes.platform());
    this.controller = role == NodeRole.CONTROL_PLANE;
    this.node = nodes.machines(role).get(index);
    this.index = index;
    this.kubeconfig = kubeconfig;
  }

  NodeConfig build() {
    NodeFiles files = new NodeFiles(spec, os);
    List<NodeFile> all =
        controller
            ? files.ofController(platform.hostname(node.domain()), kubeconfig, index)
            : files.ofWorker(platform.hostname(node.domain()), kubeconfig, platform.deletesNode());
    nodes
        .kubeletImageKey()
        .ifPresent(key -> all.addAll(KubeletImagePolicy.files(key, kubeletImages())));
    return new NodeConfig(
        units(),
        files.directories(controller),
        all,
        List.of(),
        nodes.sshAuthorizedKeys().isEmpty()
            ? List.of()
            : List.of(NodeUser.of("core", nodes.sshAuthorizedKeys())));
  }

  private List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    if (controller) {
      units.add(etcd());
    }
    units.add(Unit.ofSystem(os.runtimeUnit(), State.ENABLED));
    units.add(Unit.ofSystem(os.maskedUnit(), State.MASKED));
    units.add(Unit.of("wait-for-dns.service", State.ENABLED, waitForDns()));
    boolean carried = platform.kubeconfigInUserData();
    units.add(
        Unit.of("kubelet.service", carried ? State.ENABLED : State.STATIC, kubelet())
            .withDropIns(imageOverride()));
    if (!carried) {
      units.add(
          Unit.of("kubelet.path", State.ENABLED, NodeFiles.resource("kubelet.path").render()));
    }
    if (controller) {
      String bootstrap = os.file("bootstrap.service").with("image", kubeletImage()).render();
      units.add(Unit.of("bootstrap.service", State.STATIC, bootstrap).withDropIns(imageOverride()));
    } else if (platform.deletesNode()) {
      units.add(
          Unit.of("delete-node.service", State.ENABLED, deleteNode()).withDropIns(imageOverride()));
    }
    return units;
  }

  private List<DropIn> imageOverride() {
    return nodes.kubeletImageOverride().stream()
        .map(
            image ->
                new DropIn(
                    "10-kubelet-image.conf",
                    "[Service]\nEnvironment=KUBELET_IMAGE=" + os.imageUrl(image) + "\n"))
        .toList();
  }

  /** What the units run: the drop-in's image, and the one without it. */
  private List<String> kubeletImages() {
    List<String> images = new ArrayList<>(List.of(kubeletImage()));
    nodes.kubeletImageOverride().map(os::imageUrl).ifPresent(images::add);
    return images;
  }

  private String kubeletImage() {
    return os.imageUrl(os.kubeletImage(spec));
  }

  private Unit etcd() {
    String name = "etcd-member.service";
    String image = spec.image(ContainerImage.ETCD);
    if (!os.bringsEtcd()) {
      return Unit.of(name, State.ENABLED, os.file(name).with("image", image).render());
    }
    String dropIn = "40-etcd-cluster.conf";
    String contents =
        os.file(dropIn)
            .with("image", environment(os.etcdImage(image).stream()))
            .with(
                "environment",
                environment(
                    EtcdEnvironment.render(spec, index)
                        .lines()
                        .filter(line -> !line.startsWith("ETCD_DATA_DIR="))))
            .render();
    return Unit.ofSystem(name, State.ENABLED).withDropIns(List.of(new DropIn(dropIn, contents)));
  }

  private static List<String> environment(Stream<String> variables) {
    return variables.map(each -> "Environment=\"" + each + "\"").toList();
  }

  private String waitForDns() {
    return NodeFiles.resource("wait-for-dns.service")
        .with("hostname", platform.waitForHostname())
        .with("etcd", controller ? List.of("RequiredBy=etcd-member.service") : List.of())
        .render();
  }

  /** What a unit asks about the machine, where it needs to. */
  private Optional<Metadata> metadata() {
    return platform.needsMetadata() ? Optional.of(os.metadata()) : Optional.empty();
  }

  private List<String> metadataFile() {
    return metadata().map(from -> List.of("EnvironmentFile=" + from.file())).orElse(List.of());
  }

  private String kubelet() {
    Optional<String> metadataUnit = metadata().map(Metadata::unit);
    List<String> plain = arguments();
    List<String> arguments = plain.stream().map(each -> each + " \\").toList();
    List<String> last = new ArrayList<>(arguments);
    last.set(last.size() - 1, plain.getLast());
    Template unit =
        os.file("kubelet.service").with("image", kubeletImage()).with("metadata", metadataFile());
    unit =
        filled(
            unit,
            "requires",
            metadataUnit
                .map(name -> List.of("Requires=" + name, "After=" + name))
                .orElse(List.of()));
    unit = filled(unit, "metadataUnit", List.of(metadataUnit.map(name -> name + " ").orElse("")));
    unit =
        filled(
            unit,
            "cloudProvider",
            spec.cloudProvider() == CloudProvider.EXTERNAL
                ? List.of("--cloud-provider=external \\")
                : List.of());
    unit = filled(unit, "arguments", arguments);
    unit = filled(unit, "lastArguments", last);
    unit = filled(unit, "clusterDns", List.of(joined(spec.clusterDnsServiceIps())));
    return filled(unit, "clusterDomain", List.of(spec.clusterDomainSuffix().text())).render();
  }

  /** Fills a place that not every system's unit has. */
  private static Template filled(Template unit, String place, List<String> lines) {
    return unit.mentions(place) ? unit.with(place, lines) : unit;
  }

  /** The kubelet's arguments that differ from machine to machine. */
  private List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    platform
        .hostnameOverride(node.domain(), os.metadata())
        .ifPresent(name -> arguments.add("--hostname-override=" + name));
    arguments.add("--kubeconfig=/var/lib/kubelet/kubeconfig");
    arguments.add(
        "--node-labels="
            + (controller ? "node.kubernetes.io/controller=true" : "node.kubernetes.io/node="));
    node.labels().forEach(label -> arguments.add("--node-labels=" + label));
    platform.providerId(os.metadata()).ifPresent(id -> arguments.add("--provider-id=" + id));
    if (controller) {
      arguments.add("--register-with-taints=node-role.kubernetes.io/controller=:NoSchedule");
    }
    node.taints().forEach(taint -> arguments.add("--register-with-taints=" + taint));
    if (!node.nodeIps().isEmpty()) {
      arguments.add("--node-ip=" + joined(node.nodeIps()));
    }
    node.kubeletExtraArgs().forEach(each -> arguments.add(inUnit(each.toString())));
    return arguments;
  }

  /** An argument as systemd writes it: without variables and specifiers (systemd.service(5)). */
  private static String inUnit(String argument) {
    return argument.replace("%", "%%").replace("$", "$$");
  }

  private static String joined(List<IpAddress> addresses) {
    return addresses.stream().map(IpAddress::toString).collect(Collectors.joining(","));
  }

  private String deleteNode() {
    List<String> order =
        new ArrayList<>(List.of("network-online.target", "kubelet.service", os.runtimeUnit()));
    metadata().ifPresent(from -> order.add(from.unit()));
    return NodeFiles.resource("delete-node.service")
        .with("order", String.join(" ", order))
        .with("image", kubeletImage())
        .with("metadata", metadataFile())
        .with(
            "name",
            platform
                .hostnameOverride(node.domain(), os.metadata())
                .map(name -> " " + name)
                .orElse(""))
        .with("seconds", String.valueOf(SHUTDOWN_SECONDS))
        .render();
  }
}
