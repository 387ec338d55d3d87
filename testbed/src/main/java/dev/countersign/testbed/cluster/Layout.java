package dev.countersign.testbed.cluster;

import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The directory of one control plane.
 *
 * @param directory the whole
 */
public record Layout(Path directory) {
  /** Null-checks. */
  public Layout {
    Objects.requireNonNull(directory);
  }

  /** The rendered tree, as {@code countersign render} writes it. */
  public Path assets() {
    return directory.resolve("assets");
  }

  /** What a controller has in {@code /etc/kubernetes/pki}. */
  public Path pki() {
    return directory.resolve("pki");
  }

  /** What a controller has in {@code /etc/ssl/certs/etcd}. */
  public Path etcdTls() {
    return assets().resolve("tls/etcd");
  }

  /** etcd's data. */
  public Path etcdData() {
    return directory.resolve("etcd");
  }

  /** What the processes print. */
  public Path logs() {
    return directory.resolve("logs");
  }

  /** The log of a process. */
  public Path log(String processName) {
    return logs().resolve(processName + ".log");
  }

  /** One directory for each kubelet. */
  public Path node(String name) {
    return directory.resolve("nodes").resolve(name);
  }

  /** The administrator's kubeconfig. */
  public Path adminKubeconfig() {
    return directory.resolve("admin.conf");
  }

  /** The bootstrap kubeconfig that nodes get. */
  public Path bootstrapKubeconfig() {
    return assets().resolve("auth/kubeconfig-bootstrap");
  }

  /** The certificate of the cluster's authority. */
  public Path authority() {
    return assets().resolve("tls/k8s/ca.crt");
  }

  /** What is to be applied once the API server answers. */
  public Path manifests() {
    return assets().resolve("manifests");
  }

  /** The kubelet's configuration as rendered for every node. */
  public Path kubeletConfiguration() {
    return assets().resolve("kubelet/kubelet.yaml");
  }

  /** What runs, for {@code down} and {@code status}. */
  public Path state() {
    return directory.resolve("state.json");
  }

  /** The environment file of each etcd server, at least one. */
  List<Path> etcdEnvironments() throws ControlPlaneFailure {
    Path etcd = assets().resolve("etcd");
    try (Stream<Path> files = Files.list(etcd)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".env")).sorted().toList();
      if (!found.isEmpty()) {
        return found;
      }
    } catch (IOException e) {
      throw new ControlPlaneFailure(etcd + ": got no such directory; want rendered files", e);
    }
    throw new ControlPlaneFailure(etcd + ": got no .env file; want one for each etcd server");
  }

  Path staticManifest(Component component) {
    return assets().resolve("static-manifests").resolve(component.processName() + ".yaml");
  }

  /** Where each directory of a controller is on this machine; longer paths before their parents. */
  Map<String, Path> hostPaths() {
    Map<String, Path> paths = new LinkedHashMap<>();
    paths.put("/etc/kubernetes/pki", pki());
    paths.put("/etc/ssl/certs/etcd", etcdTls());
    paths.put("/var/lib/etcd", etcdData());
    return paths;
  }
}
