package dev.countersign.render.node;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.manifest.EtcdEnvironment;
import dev.countersign.render.manifest.KubeletConfiguration;
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
  private final OperatingSystem os;
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
    this.os = nodes.os();
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

  private List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    if (isController()) {
      units.add(etcd());
    }
    units.add(Unit.ofSystem(os.runtimeUnit(), State.ENABLED));
    units.add(Unit.ofSystem(os.maskedUnit(), State.MASKED));
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
                        "[Service]\nEnvironment=KUBELET_IMAGE="
                            + os.engine().imageUrl(image)
                            + "\n")))
        .orElse(List.of());
  }

  private String kubeletImage() {
    String configured = spec.image(ContainerImage.KUBELET);
    boolean chosen = spec.containerImages().containsKey(ContainerImage.KUBELET);
    return os.engine().imageUrl(chosen ? configured : os.kubelet().image().orElse(configured));
  }

  private Unit etcd() {
    return switch (os.etcdUnit()) {
      case OURS -> ourEtcd();
      case SYSTEM -> systemEtcd();
    };
  }

  /** Container Linux brings the unit, which runs rkt; it is configured by a drop-in. */
  private Unit systemEtcd() {
    String image = spec.image(ContainerImage.ETCD);
    int tag = image.lastIndexOf(':');
    List<String> environment = new ArrayList<>();
    environment.add("ETCD_IMAGE_TAG=" + image.substring(tag + 1));
    environment.add("ETCD_IMAGE_URL=" + os.engine().imageUrl(image.substring(0, tag)));
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

  private Unit ourEtcd() {
    Container etcd =
        new Container(
            "etcd",
            List.of(
                new Mount("/etc/ssl/etcd", "/etc/ssl/certs", Access.READ_ONLY, true),
                Mount.writable("/var/lib/etcd").relabelled()),
            "${ETCD_IMAGE}",
            List.of());
    String environment = "--env-file /etc/etcd/etcd.env";
    List<String> run =
        switch (os.engine()) {
          case PODMAN -> etcd.podman(List.of(environment, "--log-driver k8s-file"));
          case DOCKER -> etcd.docker(List.of(environment, "--user " + os.etcdOwner()));
          case RKT ->
              throw new IllegalStateException(os + ": got a unit of ours; want the system's");
        };
    Optional<String> daemon = os.engine().daemon();
    return Unit.of(
        "etcd-member.service",
        State.ENABLED,
        resource("etcd-member.service")
            .with("after", daemon.map(unit -> List.of("Requires=" + unit)).orElse(List.of()))
            .with("order", daemon.map(unit -> " " + unit).orElse(""))
            .with("image", spec.image(ContainerImage.ETCD))
            .with("engine", os.engine().program())
            .with("run", prefixed(run))
            .render());
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
            switch (nodes.platform()) {
              case AWS ->
                  List.of(
                      "ExecStartPre=/bin/sh -c"
                          + " 'while [ \"$$(hostname -s)\" = localhost ]; do sleep 1; done'");
              case BARE_METAL, AZURE, GOOGLE_CLOUD, DIGITAL_OCEAN -> List.of();
            })
        .with("etcd", isController() ? List.of("RequiredBy=etcd-member.service") : List.of())
        .render();
  }

  /** Where a machine learns what only its platform knows, if it needs to. */
  private Optional<OperatingSystem.Metadata> metadata() {
    return switch (nodes.platform()) {
      case AWS, DIGITAL_OCEAN -> Optional.of(os.metadata());
      case BARE_METAL, AZURE, GOOGLE_CLOUD -> Optional.empty();
    };
  }

  private List<String> metadataFile() {
    return metadata().map(from -> List.of("EnvironmentFile=" + from.file())).orElse(List.of());
  }

  /** The Node's name where it is not the host name. */
  private Optional<String> nameOverride() {
    return switch (nodes.platform()) {
      case BARE_METAL -> node.domain().map(Object::toString);
      case DIGITAL_OCEAN -> Optional.of(os.metadata().digitalOcean("IPV4_PRIVATE_0"));
      case AWS, AZURE, GOOGLE_CLOUD -> Optional.empty();
    };
  }

  private Optional<String> providerId() {
    return switch (nodes.platform()) {
      case AWS ->
          Optional.of(
              "aws:///"
                  + os.metadata().aws("AVAILABILITY_ZONE")
                  + "/"
                  + os.metadata().aws("INSTANCE_ID"));
      case BARE_METAL, AZURE, GOOGLE_CLOUD, DIGITAL_OCEAN -> Optional.empty();
    };
  }

  private String kubelet() {
    List<String> dependencies = new ArrayList<>();
    metadata().ifPresent(from -> dependencies.add(from.unit()));
    os.engine().daemon().ifPresent(dependencies::add);
    List<String> unit = new ArrayList<>();
    if (!dependencies.isEmpty()) {
      unit.add("Requires=" + String.join(" ", dependencies));
      unit.add("After=" + String.join(" ", dependencies));
    }
    List<String> folders =
        new ArrayList<>(
            List.of(
                os.kubelet().cniFolder(),
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
            switch (os.kubeletCgroup()) {
              case DELEGATED -> List.of("Delegate=yes");
              case KEPT -> List.of();
            })
        .render();
  }

  private List<String> clean(String name) {
    return List.of(
        switch (os.engine()) {
          case PODMAN, DOCKER -> "ExecStartPre=-" + os.engine().program() + " rm --force " + name;
          case RKT ->
              "ExecStartPre=-"
                  + os.engine().program()
                  + " rm --uuid-file=/var/cache/"
                  + name
                  + "-pod.uuid";
        });
  }

  private String stop(String name) {
    return switch (os.engine()) {
      case PODMAN, DOCKER -> "ExecStop=-" + os.engine().program() + " stop " + name;
      case RKT ->
          "ExecStop=-"
              + os.engine().program()
              + " stop --uuid-file=/var/cache/"
              + name
              + "-pod.uuid";
    };
  }

  private List<String> kubeletCommand() {
    return switch (os) {
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
        .with(
            "clean",
            switch (os.engine()) {
              case PODMAN, DOCKER -> clean("bootstrap");
              // It runs once, under no name that a second run could find taken.
              case RKT -> List.of();
            })
        .with(
            "run",
            prefixed(
                switch (os.engine()) {
                  case PODMAN -> apply.podman(List.of("--rm", "--entrypoint /apply"));
                  case DOCKER -> apply.docker(List.of("--rm", "--entrypoint /apply"));
                  case RKT ->
                      apply.rkt(
                          List.of("--insecure-options=image", "--net=host", "--dns=host"),
                          List.of("--exec=/apply"));
                }))
        .render();
  }

  private String deleteNode() {
    List<String> order =
        new ArrayList<>(List.of("network-online.target", "kubelet.service", os.runtimeUnit()));
    metadata().ifPresent(from -> order.add(from.unit()));
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
        switch (os.engine()) {
          // systemd starts no new scopes during a shutdown, so podman must do without a cgroup.
          case PODMAN ->
              kubectl.podman(
                  List.of(
                      "--rm",
                      "--replace",
                      "--pull never",
                      "--cgroups disabled",
                      "--security-opt label=disable",
                      "--entrypoint /usr/local/bin/kubectl"));
          case DOCKER ->
              kubectl.docker(
                  List.of("--rm", "--pull never", "--entrypoint /usr/local/bin/kubectl"));
          case RKT ->
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
    switch (nodes.platform()) {
      case BARE_METAL ->
          node.domain()
              .ifPresent(domain -> files.add(NodeFile.of("/etc/hostname", 0644, domain + "\n")));
      case AWS, AZURE, GOOGLE_CLOUD, DIGITAL_OCEAN -> {}
    }
    kubeconfig.ifPresent(
        text -> files.add(new NodeFile("/etc/kubernetes/kubeconfig", 0600, false, text)));
    switch (os.kubelet()) {
      case CURRENT ->
          files.add(
              NodeFile.of("/etc/kubernetes/kubelet.yaml", 0644, KubeletConfiguration.render(spec)));
      case LAST_IN_RKT -> {}
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
    switch (os.containerdConfig()) {
      case OURS ->
          files.add(
              new NodeFile(
                  "/etc/containerd/config.toml",
                  0644,
                  true,
                  SecretText.of(resource("containerd.toml").render())));
      case SYSTEM -> {}
    }
    if (isController()) {
      switch (os.etcdUnit()) {
        case OURS ->
            files.add(NodeFile.of("/etc/etcd/etcd.env", 0644, EtcdEnvironment.render(spec, index)));
        case SYSTEM -> {}
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
        .with("etcdOwner", os.etcdOwner())
        .with(
            "label",
            switch (os.selinux()) {
              case ENFORCED ->
                  List.of(
                      "chcon -R -u system_u -t container_file_t /etc/kubernetes/pki /etc/ssl/etcd");
              case UNUSED -> List.of();
            })
        .render();
  }

  private static Template resource(String name) {
    return Template.resource(NodeModel.class, name);
  }
}
