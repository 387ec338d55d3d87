package dev.countersign.render.spec;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The machines.
 *
 * @param platform where they run
 * @param os what they boot
 * @param sshAuthorizedKeys one line each
 * @param kubeletImageOverride another registry's kubelet image, put into a systemd drop-in
 * @param kubeletImageKey what the kubelet's image must be signed with, where that is checked
 * @param controllers one for each etcd server, in the same order
 * @param workers one for each machine on bare metal, for each group elsewhere
 */
public record NodesSpec(
    Platform platform,
    OperatingSystem os,
    List<String> sshAuthorizedKeys,
    Optional<String> kubeletImageOverride,
    Optional<ImageKey> kubeletImageKey,
    List<NodeSpec> controllers,
    List<NodeSpec> workers) {

  public NodesSpec {
    Objects.requireNonNull(platform, "platform");
    Objects.requireNonNull(os, "os");
    sshAuthorizedKeys = List.copyOf(sshAuthorizedKeys);
    Objects.requireNonNull(kubeletImageOverride, "kubeletImageOverride");
    Objects.requireNonNull(kubeletImageKey, "kubeletImageKey");
    controllers = List.copyOf(controllers);
    workers = List.copyOf(workers);
  }

  /** The machines of a role, in the order of the spec. */
  public List<NodeSpec> machines(NodeRole role) {
    return switch (role) {
      case CONTROL_PLANE -> controllers;
      case WORKER -> workers;
    };
  }

  /** All machines: controllers, then workers. */
  public Stream<NodeSpec> machines() {
    return Stream.concat(controllers.stream(), workers.stream());
  }

  /**
   * A machine, or a group of like ones.
   *
   * @param name of the files; for a controller also its etcd member name
   * @param domain the machine's host name; always there on bare metal. A controller's is also its
   *     Node's name, which may have the API server's address
   * @param labels {@code key=value} beside our own
   * @param taints {@code key=value:Effect} beside our own
   * @param nodeIps what its Node reports; none, one, or one of each family, the preferred one first
   * @param kubeletExtraArgs for all machines, then for its role, then its own
   * @param snippets for its role, then its own
   */
  public record NodeSpec(
      String name,
      Optional<DnsName> domain,
      List<String> labels,
      List<String> taints,
      List<IpAddress> nodeIps,
      List<KubeletArgument> kubeletExtraArgs,
      List<SnippetFile> snippets) {
    public NodeSpec {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(domain, "domain");
      labels = List.copyOf(labels);
      taints = List.copyOf(taints);
      nodeIps = List.copyOf(nodeIps);
      kubeletExtraArgs = List.copyOf(kubeletExtraArgs);
      snippets = List.copyOf(snippets);
    }
  }

  /**
   * A file with a part of a machine's configuration.
   *
   * @param field where the spec names it, such as {@code nodes.workerSnippets[0]}
   * @param file relative to the spec's directory
   */
  public record SnippetFile(String field, String file) {
    public SnippetFile {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(file, "file");
    }
  }
}
