package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Copies of the files that the policy names; a mixin. */
public final class PolicyFilesOption {
  @Option(
      names = "--policy-files",
      paramLabel = "DIR",
      description =
          "Copies of the files that the policy names (inventories, kubeconfigs, certificates,"
              + " keys): DIR/nodes.yaml for /etc/countersign/nodes.yaml. Default: with --policy the"
              + " files of this machine, else what the approver in the cluster has from ConfigMaps;"
              + " without the others some facts are unknown.")
  private @Nullable Path directory;

  /** Made by picocli. */
  public PolicyFilesOption() {}

  /** Whether it is given. */
  boolean isGiven() {
    return directory != null;
  }

  /** The files of a policy. */
  PolicyFiles of(PolicyInForce policy, ClusterAccess cluster) throws CliException {
    if (directory != null && !Files.isDirectory(directory)) {
      throw CliException.usage(
          "--policy-files: got "
              + directory
              + ", which is no directory; want one with the policy's files");
    }
    return PolicyFiles.of(policy, Optional.ofNullable(directory), cluster.client());
  }
}
