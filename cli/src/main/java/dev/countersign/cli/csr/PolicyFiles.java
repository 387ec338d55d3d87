package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cluster.approver.DeployedApprover;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.fact.Fact;
import dev.countersign.render.approver.ApproverFiles;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The files that a policy names, as this machine has them. A policy of a cluster names files of the
 * approver's container: those from ConfigMaps are read there; of the others an operator gives
 * copies. What is not there is unknown, so that nothing is evaluated with another file of the same
 * name. Thread-safe.
 */
final class PolicyFiles implements AutoCloseable {
  /** Where {@code manifests} and the chart mount what a policy names. */
  private static final Path MOUNTED = Path.of(ApproverFiles.DIRECTORY);

  private final Function<String, Fact<Path>> find;
  private final Map<String, Fact<Path>> files = new TreeMap<>();
  private final List<Path> written = new ArrayList<>();

  private PolicyFiles(PolicyInForce policy, Optional<Path> copies, KubernetesClient client) {
    find =
        copies
            .map(directory -> (Function<String, Fact<Path>>) path -> in(directory, path))
            .orElse(
                policy.fromFile()
                    ? path -> parse(path).map(Fact::known).orElseGet(() -> noFile(path))
                    : path -> ofApprover(policy, client, path));
  }

  /**
   * Those of a policy.
   *
   * @param copies a directory with copies, as {@code --policy-files} names it
   */
  static PolicyFiles of(PolicyInForce policy, Optional<Path> copies, KubernetesClient client) {
    return new PolicyFiles(policy, copies, client);
  }

  /** The source with its files as they are here; unknown where one is missing. */
  Fact<InventorySource> here(InventorySource source) {
    return switch (source) {
      case InventorySource.File(String name, String path) ->
          here(List.of(path), () -> new InventorySource.File(name, local(path)));
      case InventorySource.ConfigMap map -> Fact.known(map);
      case InventorySource.Machines machines ->
          here(machines.kubeconfig().stream().toList(), () -> local(machines));
      case InventorySource.Webhook webhook -> {
        List<String> paths = new ArrayList<>(List.of(webhook.caFile()));
        webhook.clientCertificateFile().ifPresent(paths::add);
        webhook.clientKeyFile().ifPresent(paths::add);
        yield here(paths, () -> local(webhook));
      }
    };
  }

  /** The same for Machines. */
  Fact<InventorySource.Machines> here(InventorySource.Machines machines) {
    return here(machines.kubeconfig().stream().toList(), () -> local(machines));
  }

  /** The same for authorities of kubelets. */
  Fact<KubeletAuthority> here(KubeletAuthority authority) {
    return switch (authority) {
      case KubeletAuthority.File(String path) ->
          here(List.of(path), () -> new KubeletAuthority.File(local(path)));
      case KubeletAuthority.OfApiServer _, KubeletAuthority.ConfigMap _ -> Fact.known(authority);
    };
  }

  private InventorySource.Machines local(InventorySource.Machines machines) {
    return new InventorySource.Machines(
        machines.name(),
        machines.group(),
        machines.version(),
        machines.namespace(),
        machines.labelSelector(),
        machines.kubeconfig().map(this::local),
        machines.bootstrappers());
  }

  private InventorySource.Webhook local(InventorySource.Webhook webhook) {
    return new InventorySource.Webhook(
        webhook.name(),
        webhook.url(),
        local(webhook.caFile()),
        webhook.clientCertificateFile().map(this::local),
        webhook.clientKeyFile().map(this::local),
        webhook.timeout());
  }

  /** Where a file is here; unknown where it is not. */
  Fact<Path> here(String path) {
    return file(path);
  }

  private <T> Fact<T> here(List<String> paths, Supplier<T> value) {
    for (String path : paths) {
      if (file(path) instanceof Fact.Unknown<Path>(String why)) {
        return Fact.unknown(why);
      }
    }
    return Fact.known(value.get());
  }

  private String local(String path) {
    return switch (file(path)) {
      case Fact.Known<Path>(Path file) -> file.toString();
      case Fact.Unknown<Path>(String why) -> throw new IllegalStateException(why);
    };
  }

  private synchronized Fact<Path> file(String path) {
    Fact<Path> known = files.get(path);
    if (known == null) {
      known = find.apply(path);
      files.put(path, known);
    }
    return known;
  }

  /** Why those are missing that were asked for and are not here. */
  synchronized List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (Fact<Path> file : files.values()) {
      if (file instanceof Fact.Unknown<Path>(String why)) {
        missing.add(why);
      }
    }
    return missing;
  }

  private static Fact<Path> in(Path directory, String path) {
    Optional<Path> copy = below(path);
    if (copy.isEmpty()) {
      return noFile(path);
    }
    Path file = directory.resolve(copy.get());
    return Files.isReadable(file)
        ? Fact.known(file)
        : Fact.unknown("--policy-files: no " + file + " to be read, for the policy's " + path);
  }

  /** Where a copy is to be, below the directory that is given; empty where that is not below. */
  private static Optional<Path> below(String path) {
    return parse(path)
        .map(Path::normalize)
        .map(
            file -> {
              Path root = file.startsWith(MOUNTED) ? MOUNTED : Path.of("/");
              return file.startsWith(root) ? root.relativize(file) : file;
            })
        .filter(copy -> !copy.startsWith(".."));
  }

  private static Optional<Path> parse(String path) {
    try {
      return Optional.of(Path.of(path));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Fact<Path> noFile(String path) {
    return Fact.unknown(
        "the policy's file: got " + SafeText.quote(path) + "; want an absolute path of a file");
  }

  private Fact<Path> ofApprover(PolicyInForce policy, KubernetesClient client, String path) {
    Optional<String> text = policy.approver().flatMap(approver -> read(approver, client, path));
    if (text.isEmpty()) {
      return below(path)
          .map(
              copy ->
                  Fact.<Path>unknown(
                      "give a copy of the approver's "
                          + path
                          + ": --policy-files DIR, with DIR/"
                          + copy
                          + "; no ConfigMap that can be read here has it"))
          .orElseGet(() -> noFile(path));
    }
    try {
      Path copy = Files.createTempFile("countersign-policy-file-", "");
      written.add(copy);
      return Fact.known(Files.writeString(copy, text.get()));
    } catch (IOException e) {
      throw new UncheckedIOException("a copy of " + path, e);
    }
  }

  private static Optional<String> read(
      DeployedApprover approver, KubernetesClient client, String path) {
    try {
      return approver.source(path).flatMap(source -> approver.read(client, source));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 403) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Deletes the copies of what was read in the cluster. */
  @Override
  public synchronized void close() {
    for (Path copy : written) {
      try {
        Files.deleteIfExists(copy);
      } catch (IOException e) {
        throw new UncheckedIOException(copy.toString(), e);
      }
    }
  }
}
