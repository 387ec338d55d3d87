package dev.countersign.cli.cluster;

import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.approver.DeployedApprover;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.file.UserFile;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The policy that a command judges by; a mixin. */
public final class PolicyOption {
  /** What every way to deploy the approver calls the ConfigMap, and its key. */
  private static final DeployedApprover.Source USUAL =
      new DeployedApprover.Source("countersign-policy", "policy.yaml");

  private static final String INSTEAD = "; or name a policy with --policy FILE";

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "Policy file. Default: the policy in force in the cluster, which is the ConfigMap that"
              + " the approver deployed there reads; the built-in policy where there is none.")
  private @Nullable Path file;

  /** Made by picocli. */
  public PolicyOption() {}

  /** The policy of the file, or the built-in one; no cluster is asked. */
  public PolicyInForce offline() throws CliException {
    if (file == null) {
      return PolicyInForce.builtIn();
    }
    String name = file.toString();
    return PolicyInForce.ofFile(parse(name, UserFile.read(file, "a policy"), ""), name);
  }

  /**
   * The policy of the file, or the one in force in a cluster.
   *
   * @param namespace of the approver; empty to look for it
   */
  public PolicyInForce live(ClusterAccess cluster, Optional<String> namespace) throws CliException {
    Optional<DeployedApprover> approver = approver(cluster, namespace);
    if (file != null) {
      return offline().withApprover(approver);
    }
    if (approver.isEmpty()) {
      return withoutApprover(cluster, namespace);
    }
    DeployedApprover found = approver.get();
    Optional<String> path = found.option("--policy");
    if (path.isEmpty()) {
      return new PolicyInForce(
          PolicyConfig.defaults(),
          "built-in default, as " + found.origin() + " has no --policy",
          false,
          approver);
    }
    DeployedApprover.Source source =
        found
            .source(path.get())
            .orElseThrow(
                () ->
                    CliException.usage(
                        found.origin()
                            + ": got --policy="
                            + path.get()
                            + ", which is from no ConfigMap; want one that can be read here"
                            + INSTEAD));
    String name = name(found.namespace(), source);
    String text =
        found
            .read(cluster.client(), source)
            .orElseThrow(
                () ->
                    CliException.usage(
                        name + ": got nothing; want the policy of " + found.origin() + INSTEAD));
    return new PolicyInForce(parse(name, text, INSTEAD), name, false, approver);
  }

  private static Optional<DeployedApprover> approver(
      ClusterAccess cluster, Optional<String> namespace) throws CliException {
    List<DeployedApprover> found = DeployedApprover.find(cluster.client(), namespace);
    TreeSet<String> namespaces =
        found.stream()
            .map(DeployedApprover::namespace)
            .collect(Collectors.toCollection(TreeSet::new));
    if (namespaces.size() > 1) {
      throw CliException.usage(
          "-n: got nothing, and there are approvers in " + namespaces + "; want one of them");
    }
    return found.stream().findFirst();
  }

  /** One that runs outside of the cluster, or that this user may not see. */
  private static PolicyInForce withoutApprover(ClusterAccess cluster, Optional<String> namespace)
      throws CliException {
    TreeSet<String> candidates = new TreeSet<>();
    namespace.ifPresentOrElse(
        candidates::add, () -> candidates.addAll(AddressRecords.namespaces(cluster.client())));
    for (String candidate : candidates) {
      Optional<String> text = read(cluster, candidate);
      if (text.isPresent()) {
        String name = name(candidate, USUAL);
        return new PolicyInForce(parse(name, text.get(), INSTEAD), name, false, Optional.empty());
      }
    }
    return new PolicyInForce(
        PolicyConfig.defaults(),
        "built-in default, as no approver is to be seen in "
            + namespace.map(name -> "namespace " + name).orElse("the cluster")
            + "; --policy FILE names another",
        false,
        Optional.empty());
  }

  private static Optional<String> read(ClusterAccess cluster, String namespace) {
    try {
      ConfigMap map =
          cluster.client().configMaps().inNamespace(namespace).withName(USUAL.configMap()).get();
      return Optional.ofNullable(map).map(ConfigMap::getData).map(data -> data.get(USUAL.key()));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 403) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String name(String namespace, DeployedApprover.Source source) {
    return "ConfigMap " + namespace + "/" + source.configMap() + ", key " + source.key();
  }

  private static PolicyConfig parse(String where, String text, String next) throws CliException {
    return switch (ApprovalPolicyFile.parse(text)) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case ParseResult.Refused<PolicyConfig> refused ->
          throw CliException.usage(where + ":\n" + refused.message() + next);
    };
  }
}
