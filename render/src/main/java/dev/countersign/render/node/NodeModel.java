package dev.countersign.render.node;

import dev.countersign.render.manifest.EtcdEnvironment;
import dev.countersign.render.manifest.KubeletConfiguration;
import dev.countersign.render.network.IpAddress;
import dev.countersign.render.node.Container.Access;
import dev.countersign.render.node.Container.Mount;
import dev.countersign.render.node.NodeConfig.Directory;
import dev.countersign.render.node.Unit.DropIn;
import dev.countersign.render.node.Unit.State;
import dev.countersign.render.spec.CloudProvider;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.render.template.Template;
import dev.countersign.x509.secret.SecretText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Puts a machine together: what every machine has, and what its platform, system and role add. */
final class NodeModel {
  /** What the kubelet gets to end pods in, and so what draining and deleting must fit into. */
  private static final int SHUTDOWN_SECONDS = 45;

  private static final int DRAIN_SECONDS = 25;
  private static final int LIST_SECONDS = 4;
  private static final int DELETE_SECONDS = 8;

  /** What starting a container may take on top of what kubectl is given. */
  private static final int START_SECONDS = 2;

  private final ClusterSpec spec;
  private final NodesSpec nodes;
  private final NodeSpec node;
  private final NodeRole role;
  private final int index;
  private final Optional<SecretText> kubeconfig;

  NodeModel(
      ClusterSpec spec,
      NodesSpec nodes,
      NodeRole role,
      int index,
      Optional<SecretText> kubeconfig) {
    this.spec = spec;
    this.nodes = nodes;
    this.node = (role == NodeRole.CONTROLLER ? nodes.controllers() : nodes.workers()).get(index);
    this.role = role;
    this.index = index;
    this.kubeconfig = kubeconfig;
  }

  /** Whether the platform's own channel carries the bootstrap kubeconfig to machines. */
  static boolean carriesKubeconfig(Platform platform) {
    return switch (platform) {
      case AWS, AZURE, GOOGLE_CLOUD -> true;
      case BARE_METAL, DIGITAL_OCEAN -> false;
    };
  }

  NodeConfig build() {
    return new NodeConfig(units(), directories(), files(), nodes.sshAuthorizedKeys());
  }

  private boolean isController() {
    return role == NodeRole.CONTROLLER;
  }

  private boolean isContainerLinux() {
    return nodes.os() == OperatingSystem.CONTAINER_LINUX;
  }

  private List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    if (isController()) {
      units.add(etcd());
    }
    switch (nodes.os()) {
      case FEDORA_COREOS -> {
        units.add(Unit.ofSystem("containerd.service", State.ENABLED));
        units.add(Unit.ofSystem("docker.service", State.MASKED));
      }
      case FLATCAR, CONTAINER_LINUX -> {
        units.add(Unit.ofSystem("docker.service", State.ENABLED));
        units.add(Unit.ofSystem("locksmithd.service", State.MASKED));
      }
    }
    units.add(Unit.of("wait-for-dns.service", State.ENABLED, waitForDns()));
    boolean carried = carriesKubeconfig(nodes.platform());
    units.add(
        Unit.of("kubelet.service", carried ? State.ENABLED : State.STATIC, kubelet())
            .withDropIns(imageOverride()));
    if (!carried) {
      units.add(Unit.of("kubelet.path", State.ENABLED, resource("kubelet.path").render()));
    }
    if (isController()) {
      units.add(
          Unit.of("bootstrap.service", State.STATIC, bootstrap()).withDropIns(imageOverride()));
    } else if (nodes.platform().isCloud()) {
      units.add(
          Unit.of("delete-node.service", State.ENABLED, deleteNode()).withDropIns(imageOverride()));
    }
    return units;
  }

  private List<DropIn> imageOverride() {
    return nodes
        .kubeletImageOverride()
        .map(
            image ->
                List.of(
                    new DropIn(
                        "10-kubelet-image.conf",
                        "[Service]\nEnvironment=KUBELET_IMAGE=" + imageUrl(image) + "\n")))
        .orElse(List.of());
  }

  private String imageUrl(String image) {
    return isContainerLinux() ? "docker://" + image : image;
  }

  private String kubeletImage() {
    boolean chosen = spec.containerImages().containsKey(ContainerImage.KUBELET);
    return imageUrl(
        isContainerLinux() && !chosen
            ? "quay.io/poseidon/kubelet:v1.18.5"
            : spec.image(ContainerImage.KUBELET));
  }

  private Unit etcd() {
    if (isContainerLinux()) {
      // Container Linux brings the unit; it is configured by a drop-in.
      String image = spec.image(ContainerImage.ETCD);
      int tag = image.lastIndexOf(':');
      List<String> environment = new ArrayList<>();
      environment.add("ETCD_IMAGE_TAG=" + image.substring(tag + 1));
      environment.add("ETCD_IMAGE_URL=docker://" + image.substring(0, tag));
      environment.add("RKT_RUN_ARGS=--insecure-options=image");
      environment.add("ETCD_SSL_DIR=/etc/ssl/etcd");
      EtcdEnvironment.render(spec, index)
          .lines()
          .filter(line -> !line.startsWith("ETCD_DATA_DIR="))
          .forEach(environment::add);
      String dropIn =
          environment.stream()
              .map(line -> "Environment=\"" + line + "\"\n")
              .collect(Collectors.joining("", "[Service]\n", ""));
      return Unit.ofSystem("etcd-member.service", State.ENABLED)
          .withDropIns(List.of(new DropIn("40-etcd-cluster.conf", dropIn)));
    }
    Container etcd =
        new Container(
            "etcd",
            List.of(
                new Mount("/etc/ssl/etcd", "/etc/ssl/certs", Access.READ_ONLY, true),
                Mount.writable("/var/lib/etcd").relabelled()),
            "${ETCD_IMAGE}",
            List.of());
    boolean podman = nodes.os() == OperatingSystem.FEDORA_COREOS;
    return Unit.of(
        "etcd-member.service",
        State.ENABLED,
        resource("etcd-member.service")
            .with("after", podman ? List.of() : List.of("Requires=docker.service"))
            .with("order", podman ? "" : " docker.service")
            .with("image", spec.image(ContainerImage.ETCD))
            .with("engine", engine())
            .with(
                "run",
                prefixed(
                    podman
                        ? etcd.podman(
                            List.of("--env-file /etc/etcd/etcd.env", "--log-driver k8s-file"))
                        : etcd.docker(List.of("--env-file /etc/etcd/etcd.env", "--user 232:232"))))
            .render());
  }

  private String engine() {
    return switch (nodes.os()) {
      case FEDORA_COREOS -> "/usr/bin/podman";
      case FLATCAR -> "/usr/bin/docker";
      case CONTAINER_LINUX -> "/usr/bin/rkt";
    };
  }

  private static List<String> prefixed(List<String> command) {
    List<String> lines = new ArrayList<>(command);
    lines.set(0, "ExecStart=" + lines.getFirst());
    return lines;
  }

  private String waitForDns() {
    return resource("wait-for-dns.service")
        .with(
            "hostname",
            nodes.platform() == Platform.AWS
                ? List.of(
                    "ExecStartPre=/bin/sh -c"
                        + " 'while [ \"$$(hostname -s)\" = localhost ]; do sleep 1; done'")
                : List.of())
        .with("etcd", isController() ? List.of("RequiredBy=etcd-member.service") : List.of())
        .render();
  }

  /** Where a machine learns what only its platform knows, if it needs to. */
  private Optional<String> metadataUnit() {
    return switch (nodes.platform()) {
      case AWS, DIGITAL_OCEAN ->
          Optional.of(
              nodes.os() == OperatingSystem.FEDORA_COREOS
                  ? "afterburn.service"
                  : "coreos-metadata.service");
      case BARE_METAL, AZURE, GOOGLE_CLOUD -> Optional.empty();
    };
  }

  private List<String> metadataFile() {
    return metadataUnit()
        .map(
            unit ->
                List.of(
                    "EnvironmentFile=/run/metadata/"
                        + (nodes.os() == OperatingSystem.FEDORA_COREOS ? "afterburn" : "coreos")))
        .orElse(List.of());
  }

  /** The Node's name where it is not the host name. */
  private Optional<String> nameOverride() {
    return switch (nodes.platform()) {
      case BARE_METAL -> node.domain().map(Object::toString);
      case DIGITAL_OCEAN ->
          Optional.of(
              nodes.os() == OperatingSystem.FEDORA_COREOS
                  ? "${AFTERBURN_DIGITALOCEAN_IPV4_PRIVATE_0}"
                  : "${COREOS_DIGITALOCEAN_IPV4_PRIVATE_0}");
      case AWS, AZURE, GOOGLE_CLOUD -> Optional.empty();
    };
  }

  private Optional<String> providerId() {
    if (nodes.platform() != Platform.AWS) {
      return Optional.empty();
    }
    return Optional.of(
        nodes.os() == OperatingSystem.FEDORA_COREOS
            ? "aws:///${AFTERBURN_AWS_AVAILABILITY_ZONE}/${AFTERBURN_AWS_INSTANCE_ID}"
            : "aws:///${COREOS_EC2_AVAILABILITY_ZONE}/${COREOS_EC2_INSTANCE_ID}");
  }

  private String kubelet() {
    List<String> dependencies = new ArrayList<>();
    List<String> order = new ArrayList<>();
    metadataUnit()
        .ifPresent(
            unit -> {
              dependencies.add(unit);
              order.add(unit);
            });
    if (nodes.os() == OperatingSystem.FLATCAR) {
      dependencies.add("docker.service");
      order.add("docker.service");
    }
    List<String> unit = new ArrayList<>();
    if (!dependencies.isEmpty()) {
      unit.add("Requires=" + String.join(" ", dependencies));
      unit.add("After=" + String.join(" ", order));
    }
    List<String> folders =
        new ArrayList<>(
            List.of(
                isContainerLinux() ? "/etc/kubernetes/cni/net.d" : "/etc/cni/net.d",
                "/etc/kubernetes/manifests",
                "/opt/cni/bin",
                "/var/lib/kubelet/volumeplugins"));
    return resource("kubelet.service")
        .with("dependencies", unit)
        .with("image", kubeletImage())
        .with("metadata", metadataFile())
        .with(
            "folders",
            folders.stream().map(folder -> "ExecStartPre=/bin/mkdir -p " + folder).toList())
        .with("clean", clean("kubelet"))
        .with("run", prefixed(kubeletCommand()))
        .with("stop", stop("kubelet"))
        .with(
            "delegate",
            nodes.os() == OperatingSystem.FEDORA_COREOS ? List.of("Delegate=yes") : List.of())
        .render();
  }

  private List<String> clean(String name) {
    return List.of(
        switch (nodes.os()) {
          case FEDORA_COREOS, FLATCAR -> "ExecStartPre=-" + engine() + " rm --force " + name;
          case CONTAINER_LINUX ->
              "ExecStartPre=-/usr/bin/rkt rm --uuid-file=/var/cache/" + name + "-pod.uuid";
        });
  }

  private String stop(String name) {
    return switch (nodes.os()) {
      case FEDORA_COREOS, FLATCAR -> "ExecStop=-" + engine() + " stop " + name;
      case CONTAINER_LINUX ->
          "ExecStop=-/usr/bin/rkt stop --uuid-file=/var/cache/" + name + "-pod.uuid";
    };
  }

  private List<String> kubeletCommand() {
    return switch (nodes.os()) {
      case FEDORA_COREOS -> {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(Mount.readOnly("/etc/cni/net.d").relabelled());
        mounts.add(Mount.readOnly("/etc/kubernetes").relabelled());
        mounts.addAll(readOnlySystem());
        mounts.add(Mount.writable("/run"));
        mounts.add(Mount.writable("/sys/fs/cgroup"));
        mounts.add(Mount.writable("/etc/selinux"));
        mounts.add(Mount.writable("/sys/fs/selinux"));
        mounts.add(Mount.writable("/var/lib/containerd"));
        mounts.add(shared("/var/lib/kubelet").relabelled());
        mounts.add(Mount.writable("/var/log"));
        mounts.add(Mount.writable("/opt/cni/bin").relabelled());
        yield new Container("kubelet", mounts, "${KUBELET_IMAGE}", kubeletArguments())
            .podman(List.of("--log-driver k8s-file", "--privileged", "--pid host"));
      }
      case FLATCAR -> {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(Mount.readOnly("/etc/cni/net.d"));
        mounts.add(Mount.readOnly("/etc/kubernetes"));
        mounts.addAll(readOnlySystem());
        mounts.add(Mount.writable("/run"));
        mounts.add(Mount.writable("/sys/fs/cgroup"));
        mounts.add(Mount.writable("/var/lib/containerd"));
        mounts.add(shared("/var/lib/kubelet"));
        mounts.add(Mount.writable("/var/log"));
        mounts.add(Mount.writable("/opt/cni/bin"));
        yield new Container("kubelet", mounts, "${KUBELET_IMAGE}", kubeletArguments())
            .docker(List.of("--privileged", "--pid host"));
      }
      case CONTAINER_LINUX -> {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(Mount.readOnly("/etc/kubernetes"));
        mounts.addAll(readOnlySystem());
        mounts.add(Mount.readOnly("/etc/ssl/certs"));
        mounts.add(Mount.writable("/run"));
        mounts.add(Mount.readOnly("/usr/share/ca-certificates"));
        mounts.add(Mount.writable("/var/lib/docker"));
        mounts.add(shared("/var/lib/kubelet"));
        mounts.add(Mount.writable("/var/log"));
        mounts.add(Mount.writable("/opt/cni/bin"));
        yield new Container("kubelet", mounts, "${KUBELET_IMAGE}", containerLinuxKubeletArguments())
            .rkt(
                List.of(
                    "--uuid-file-save=/var/cache/kubelet-pod.uuid",
                    "--stage1-from-dir=stage1-fly.aci",
                    "--hosts-entry host",
                    "--insecure-options=image"),
                List.of());
      }
    };
  }

  private static List<Mount> readOnlySystem() {
    return List.of(
        Mount.readOnly("/etc/machine-id"),
        new Mount("/usr/lib/os-release", "/etc/os-release", Access.READ_ONLY, false),
        Mount.readOnly("/etc/resolv.conf"),
        Mount.readOnly("/lib/modules"));
  }

  private static Mount shared(String path) {
    return new Mount(path, path, Access.SHARED, false);
  }

  private List<String> kubeletArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig");
    if (spec.cloudProvider() == CloudProvider.EXTERNAL) {
      arguments.add("--cloud-provider=external");
    }
    arguments.add("--config=/etc/kubernetes/kubelet.yaml");
    arguments.add("--container-runtime-endpoint=unix:///run/containerd/containerd.sock");
    arguments.addAll(identity());
    return arguments;
  }

  private List<String> identity() {
    List<String> arguments = new ArrayList<>();
    nameOverride().ifPresent(name -> arguments.add("--hostname-override=" + name));
    arguments.add("--kubeconfig=/var/lib/kubelet/kubeconfig");
    List<String> labels = new ArrayList<>();
    labels.add(isController() ? "node.kubernetes.io/controller=true" : "node.kubernetes.io/node=");
    labels.addAll(node.labels());
    labels.forEach(label -> arguments.add("--node-labels=" + label));
    providerId().ifPresent(id -> arguments.add("--provider-id=" + id));
    List<String> taints = new ArrayList<>();
    if (isController()) {
      taints.add("node-role.kubernetes.io/controller=:NoSchedule");
    }
    taints.addAll(node.taints());
    taints.forEach(taint -> arguments.add("--register-with-taints=" + taint));
    return arguments;
  }

  /** The kubelet of that time is configured by flags; its file knows fewer fields than today's. */
  private List<String> containerLinuxKubeletArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--anonymous-auth=false");
    arguments.add("--authentication-token-webhook");
    arguments.add("--authorization-mode=Webhook");
    arguments.add("--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig");
    arguments.add("--client-ca-file=/etc/kubernetes/ca.crt");
    arguments.add(
        "--cluster_dns="
            + spec.clusterDnsServiceIps().stream()
                .map(IpAddress::toString)
                .collect(Collectors.joining(",")));
    arguments.add("--cluster_domain=" + spec.clusterDomainSuffix());
    arguments.add("--cni-conf-dir=/etc/kubernetes/cni/net.d");
    arguments.add("--healthz-port=0");
    arguments.addAll(identity());
    arguments.add("--network-plugin=cni");
    arguments.add("--pod-manifest-path=/etc/kubernetes/manifests");
    arguments.add("--read-only-port=0");
    arguments.add("--rotate-certificates");
    arguments.add("--rotate-server-certificates");
    arguments.add("--volume-plugin-dir=/var/lib/kubelet/volumeplugins");
    return arguments;
  }

  private String bootstrap() {
    List<Mount> mounts =
        List.of(
            Mount.readOnly("/etc/kubernetes/pki").relabelled(),
            new Mount("/opt/bootstrap/assets", "/assets", Access.READ_ONLY, true),
            new Mount("/opt/bootstrap/apply", "/apply", Access.READ_ONLY, true));
    Container apply = new Container("bootstrap", mounts, "${KUBELET_IMAGE}", List.of());
    return resource("bootstrap.service")
        .with("image", kubeletImage())
        .with("clean", isContainerLinux() ? List.of() : clean("bootstrap"))
        .with(
            "run",
            prefixed(
                switch (nodes.os()) {
                  case FEDORA_COREOS -> apply.podman(List.of("--rm", "--entrypoint /apply"));
                  case FLATCAR -> apply.docker(List.of("--rm", "--entrypoint /apply"));
                  case CONTAINER_LINUX ->
                      apply.rkt(
                          List.of("--insecure-options=image", "--net=host", "--dns=host"),
                          List.of("--exec=/apply"));
                }))
        .render();
  }

  private String deleteNode() {
    List<String> order = new ArrayList<>(List.of("network-online.target", "kubelet.service"));
    switch (nodes.os()) {
      case FEDORA_COREOS -> order.add("containerd.service");
      case FLATCAR -> order.add("docker.service");
      case CONTAINER_LINUX -> order.add("docker.service");
    }
    metadataUnit().ifPresent(order::add);
    return resource("delete-node.service")
        .with("order", String.join(" ", order))
        .with("image", kubeletImage())
        .with("metadata", metadataFile())
        .with("name", nameOverride().map(name -> " " + name).orElse(""))
        .with("seconds", String.valueOf(SHUTDOWN_SECONDS))
        .render();
  }

  private String deleteNodeScript() {
    Container kubectl =
        new Container(
            "delete-node",
            List.of(Mount.readOnly("/var/lib/kubelet")),
            "\"$KUBELET_IMAGE\"",
            List.of("\"$@\""));
    List<String> command =
        switch (nodes.os()) {
          // systemd starts no new scopes during a shutdown, so podman must do without a cgroup.
          case FEDORA_COREOS ->
              kubectl.podman(
                  List.of(
                      "--rm",
                      "--replace",
                      "--pull never",
                      "--cgroups disabled",
                      "--security-opt label=disable",
                      "--entrypoint /usr/local/bin/kubectl"));
          case FLATCAR ->
              kubectl.docker(
                  List.of("--rm", "--pull never", "--entrypoint /usr/local/bin/kubectl"));
          case CONTAINER_LINUX ->
              kubectl.rkt(
                  List.of(
                      "--stage1-from-dir=stage1-fly.aci",
                      "--hosts-entry host",
                      "--insecure-options=image",
                      "--net=host",
                      "--dns=host"),
                  List.of("--exec=/usr/local/bin/kubectl"));
        };
    List<String> limited = new ArrayList<>(command);
    limited.set(0, "timeout \"$limit\" " + limited.getFirst());
    return resource("delete-node")
        .with("run", limited)
        .with("drain", String.valueOf(DRAIN_SECONDS))
        .with("drainLimit", String.valueOf(DRAIN_SECONDS + START_SECONDS))
        .with("list", String.valueOf(LIST_SECONDS))
        .with("listLimit", String.valueOf(LIST_SECONDS + START_SECONDS))
        .with("delete", String.valueOf(DELETE_SECONDS))
        .with("deleteLimit", String.valueOf(DELETE_SECONDS + START_SECONDS))
        .render();
  }

  private List<Directory> directories() {
    List<Directory> directories = new ArrayList<>();
    directories.add(new Directory("/etc/kubernetes", 0755));
    if (isController()) {
      directories.add(new Directory("/var/lib/etcd", 0700));
      directories.add(new Directory("/opt/bootstrap", 0700));
    }
    return directories;
  }

  private List<NodeFile> files() {
    List<NodeFile> files = new ArrayList<>();
    if (nodes.platform() == Platform.BARE_METAL) {
      node.domain()
          .ifPresent(domain -> files.add(NodeFile.of("/etc/hostname", 0644, domain + "\n")));
    }
    kubeconfig.ifPresent(
        text -> files.add(new NodeFile("/etc/kubernetes/kubeconfig", 0600, false, text)));
    if (!isContainerLinux()) {
      files.add(
          NodeFile.of("/etc/kubernetes/kubelet.yaml", 0644, KubeletConfiguration.render(spec)));
    }
    files.add(
        NodeFile.of(
            "/etc/modules-load.d/countersign.conf",
            0644,
            "# for kube-proxy and the network between pods\nnf_conntrack\nbr_netfilter\n"));
    files.add(
        NodeFile.of(
            "/etc/systemd/logind.conf.d/inhibitors.conf",
            0644,
            "[Login]\nInhibitDelayMaxSec=" + SHUTDOWN_SECONDS + "s\n"));
    files.add(
        NodeFile.of(
            "/etc/sysctl.d/max-user-watches.conf", 0644, "fs.inotify.max_user_watches=16184\n"));
    files.add(
        NodeFile.of(
            "/etc/sysctl.d/reverse-path-filter.conf",
            0644,
            "net.ipv4.conf.default.rp_filter=0\nnet.ipv4.conf.*.rp_filter=0\n"));
    files.add(
        NodeFile.of(
            "/etc/systemd/network/50-flannel.link",
            0644,
            "[Match]\nOriginalName=flannel*\n[Link]\nMACAddressPolicy=none\n"));
    files.add(
        NodeFile.of(
            "/etc/systemd/system.conf.d/accounting.conf",
            0644,
            """
            [Manager]
            DefaultCPUAccounting=yes
            DefaultMemoryAccounting=yes
            DefaultIOAccounting=yes
            """));
    if (nodes.os() == OperatingSystem.FEDORA_COREOS) {
      files.add(
          new NodeFile(
              "/etc/containerd/config.toml",
              0644,
              true,
              SecretText.of(resource("containerd.toml").render())));
    }
    if (isController()) {
      if (!isContainerLinux()) {
        files.add(NodeFile.of("/etc/etcd/etcd.env", 0644, EtcdEnvironment.render(spec, index)));
      }
      files.add(NodeFile.of("/opt/bootstrap/layout", 0544, layout()));
      files.add(NodeFile.of("/opt/bootstrap/apply", 0544, resource("apply").render()));
    } else if (nodes.platform().isCloud()) {
      files.add(NodeFile.of("/etc/kubernetes/delete-node", 0744, deleteNodeScript()));
    }
    return files;
  }

  private String layout() {
    return resource("layout")
        .with("etcdOwner", nodes.os() == OperatingSystem.FEDORA_COREOS ? "0:0" : "232:232")
        .with(
            "label",
            nodes.os() == OperatingSystem.FEDORA_COREOS
                ? List.of(
                    "chcon -R -u system_u -t container_file_t /etc/kubernetes/pki /etc/ssl/etcd")
                : List.of())
        .render();
  }

  private static Template resource(String name) {
    return Template.resource(NodeModel.class, name);
  }
}
