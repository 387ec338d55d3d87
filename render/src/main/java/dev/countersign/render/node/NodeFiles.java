package dev.countersign.render.node;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.manifest.EtcdEnvironment;
import dev.countersign.render.manifest.KubeletConfiguration;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files of a machine, but for its units. */
final class NodeFiles {
  /** Where the kubelet's unit looks for the bootstrap kubeconfig. */
  static final String KUBECONFIG = "/etc/kubernetes/kubeconfig";

  /** Settings of the system, which an operator may replace. */
  static final Set<String> SETTINGS =
      Set.of(
          "/etc/containerd/config.toml",
          "/etc/modules-load.d/countersign.conf",
          "/etc/sysctl.d/max-user-watches.conf",
          "/etc/sysctl.d/reverse-path-filter.conf",
          "/etc/systemd/logind.conf.d/inhibitors.conf",
          "/etc/systemd/network/50-flannel.link",
          "/etc/systemd/system.conf.d/accounting.conf");

  private static final int DRAIN_SECONDS = 25;
  private static final int LIST_SECONDS = 4;
  private static final int DELETE_SECONDS = 8;

  /** What starting a container may take on top of what kubectl is given. */
  private static final int START_SECONDS = 2;

  private final ClusterSpec spec;
  private final NodeOs os;

  NodeFiles(ClusterSpec spec, NodeOs os) {
    this.spec = spec;
    this.os = os;
  }

  List<NodeDirectory> directories(boolean controller) {
    List<NodeDirectory> directories = new ArrayList<>();
    directories.add(NodeDirectory.of("/etc/kubernetes", 0755));
    if (controller) {
      directories.add(NodeDirectory.of("/var/lib/etcd", 0700));
      directories.add(NodeDirectory.of("/opt/bootstrap", 0700));
    }
    return directories;
  }

  /**
   * The files of a controller.
   *
   * @param index of its etcd server
   */
  List<NodeFile> ofController(
      Optional<DnsName> hostname, Optional<SecretText> kubeconfig, int index) {
    List<NodeFile> files = ofEveryMachine(hostname, kubeconfig);
    if (!os.bringsEtcd()) {
      files.add(NodeFile.of("/etc/etcd/etcd.env", 0644, EtcdEnvironment.render(spec, index)));
    }
    String layout =
        resource("layout")
            .with("etcdOwner", os.etcdOwner())
            .with("label", os.labelFiles())
            .render();
    files.add(NodeFile.of("/opt/bootstrap/layout", 0544, layout));
    files.add(NodeFile.of("/opt/bootstrap/apply", 0544, resource("apply").render()));
    return files;
  }

  /** The files of a worker. */
  List<NodeFile> ofWorker(
      Optional<DnsName> hostname, Optional<SecretText> kubeconfig, boolean deletesNode) {
    List<NodeFile> files = ofEveryMachine(hostname, kubeconfig);
    if (deletesNode) {
      files.add(NodeFile.of("/etc/kubernetes/delete-node", 0744, deleteNode()));
    }
    return files;
  }

  private List<NodeFile> ofEveryMachine(
      Optional<DnsName> hostname, Optional<SecretText> kubeconfig) {
    List<NodeFile> files = new ArrayList<>();
    hostname.ifPresent(name -> files.add(NodeFile.of("/etc/hostname", 0644, name + "\n")));
    kubeconfig.ifPresent(text -> files.add(NodeFile.of(KUBECONFIG, 0600, text)));
    if (os.hasKubeletConfiguration()) {
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
            "[Login]\nInhibitDelayMaxSec=" + NodeConfigBuilder.SHUTDOWN_SECONDS + "s\n"));
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
    if (os.configuresContainerd()) {
      String config = os.file("containerd.toml").render();
      files.add(NodeFile.of("/etc/containerd/config.toml", 0644, config).overwriting());
    }
    return files;
  }

  private String deleteNode() {
    return resource("delete-node")
        .with("run", os.file("kubectl").render().lines().toList())
        .with("drain", String.valueOf(DRAIN_SECONDS))
        .with("drainLimit", String.valueOf(DRAIN_SECONDS + START_SECONDS))
        .with("list", String.valueOf(LIST_SECONDS))
        .with("listLimit", String.valueOf(LIST_SECONDS + START_SECONDS))
        .with("delete", String.valueOf(DELETE_SECONDS))
        .with("deleteLimit", String.valueOf(DELETE_SECONDS + START_SECONDS))
        .render();
  }

  /** A file that is the same on every system. */
  static Template resource(String name) {
    return Template.resource(NodeFiles.class, name);
  }
}
