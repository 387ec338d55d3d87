package dev.countersign.cli.csr;

import dev.countersign.approver.command.JoinFiles;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cluster.approver.DeployedApprover;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.file.UserFile;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.JoinConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What requests for client certificates are evaluated with; a mixin. What is not given is as the
 * approver in the cluster has it.
 */
public final class JoinFactOptions {
  private static final String LIKE_THE_APPROVER =
      " As of the approver. Default: what the approver deployed in the cluster has";

  @Option(
      names = "--join-namespace",
      paramLabel = "NAME",
      description = "Where join grants are kept." + LIKE_THE_APPROVER + ", else countersign-join.")
  private @Nullable String namespace;

  @Option(
      names = "--client-certificate-lifetime",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "The longest that kube-controller-manager signs for." + LIKE_THE_APPROVER + ", else 72h.")
  private @Nullable Duration lifetime;

  @Option(
      names = "--join-inventory",
      paramLabel = "FILE",
      description =
          "An Inventory, for tokens made with --require-inventory." + LIKE_THE_APPROVER + ".")
  private @Nullable Path inventory;

  @Option(
      names = "--attestation",
      paramLabel = "FILE",
      description =
          "Issuers of identity documents, for tokens made with --require-attestation."
              + LIKE_THE_APPROVER
              + ".")
  private @Nullable Path attestation;

  /** Made by picocli. */
  public JoinFactOptions() {}

  /**
   * How strict join works here.
   *
   * @param cluster whose ConfigMaps hold the files of the approver; empty offline
   */
  JoinOptions options(PolicyInForce policy, Optional<ClusterAccess> cluster) throws CliException {
    Optional<DeployedApprover> approver = policy.approver();
    JoinOptions options =
        JoinOptions.defaults()
            .inNamespace(
                Optional.ofNullable(namespace)
                    .or(() -> approver.flatMap(found -> found.option("--join-namespace")))
                    .orElse(BootstrapTokenGrant.DEFAULT_NAMESPACE))
            .withConfig(
                new JoinConfig(lifetime(approver), JoinConfig.DEFAULT.registrationWindow()));
    Optional<Text> listed = text("--join-inventory", inventory, "an inventory", approver, cluster);
    if (listed.isPresent()) {
      String where = listed.get().where();
      Fact<InventoryDocument> document =
          listed.get().content().then(text -> JoinFiles.inventory(where, text));
      options = options.withInventory(node -> JoinFiles.isListed(document, node));
    }
    Optional<Text> issuers =
        text("--attestation", attestation, "a list of attestation issuers", approver, cluster);
    if (issuers.isPresent() && issuers.get().content() instanceof Fact.Known<String>(String text)) {
      options = options.withAttestations(JoinFiles.issuers(issuers.get().where(), text));
    }
    return options;
  }

  private Duration lifetime(Optional<DeployedApprover> approver) {
    Duration given = lifetime;
    return given != null
        ? given
        : approver
            .flatMap(found -> found.option("--client-certificate-lifetime"))
            .map(new DurationConverter()::convert)
            .filter(Duration::isPositive)
            .orElse(JoinConfig.DEFAULT.certificateLifetime());
  }

  /** A file's text and where it is from. */
  private record Text(String where, Fact<String> content) {}

  /** A file of this machine, else the approver's own of the same option. */
  private static Optional<Text> text(
      String option,
      @Nullable Path file,
      String want,
      Optional<DeployedApprover> approver,
      Optional<ClusterAccess> cluster)
      throws CliException {
    if (file != null) {
      return Optional.of(new Text(file.toString(), Fact.known(UserFile.read(option, file, want))));
    }
    Optional<String> path = approver.flatMap(found -> found.option(option));
    if (path.isEmpty() || cluster.isEmpty()) {
      return Optional.empty();
    }
    DeployedApprover found = approver.get();
    String where = option + "=" + path.get() + " of " + found.origin();
    return Optional.of(
        new Text(
            where,
            found
                .source(path.get())
                .flatMap(source -> found.read(cluster.get().client(), source))
                .map(Fact::known)
                .orElseGet(
                    () ->
                        Fact.unknown(
                            where
                                + " is from no ConfigMap that can be read here; name it with "
                                + option))));
  }
}
