package dev.countersign.approver.command;

import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.join.JwksReader;
import dev.countersign.common.command.CliException;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.JoinConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of strict join. */
final class JoinFlags {
  @Option(
      names = "--strict-join",
      description =
          "Approve kubelets' client certificates, too, by the join grants of bootstrap tokens, as"
              + " with client: Strict in the policy file. The cluster must not approve them by"
              + " itself (render has join: Strict).")
  private boolean strict;

  @Option(
      names = "--join-namespace",
      paramLabel = "NAME",
      defaultValue = BootstrapTokenGrant.DEFAULT_NAMESPACE,
      description = "Where join grants are kept. Default: ${DEFAULT-VALUE}.")
  private String namespace = BootstrapTokenGrant.DEFAULT_NAMESPACE;

  @Option(
      names = "--client-certificate-lifetime",
      paramLabel = "DURATION",
      defaultValue = "72h",
      description =
          "The longest that kube-controller-manager signs for (--cluster-signing-duration): the"
              + " name of a Node that is silent for longer is free. Default: ${DEFAULT-VALUE}.")
  private String certificateLifetime = "72h";

  @Option(
      names = "--join-inventory",
      paramLabel = "FILE",
      description =
          "An Inventory, for tokens made with --require-inventory. Read again for each join.")
  private @Nullable Path inventory;

  @Option(
      names = "--attestation",
      paramLabel = "FILE",
      description =
          "Issuers of identity documents (kind: Attestation), for tokens made with"
              + " --require-attestation.")
  private @Nullable Path attestation;

  /**
   * How to join; empty where strict join is not wanted.
   *
   * @param byPolicy whether the policy file wants it
   */
  Optional<JoinOptions> options(boolean byPolicy) throws CliException {
    if (!strict && !byPolicy) {
      if (inventory != null || attestation != null) {
        throw CliException.usage(
            "--strict-join: got none; want it with --join-inventory and --attestation");
      }
      return Optional.empty();
    }
    Duration lifetime =
        Durations.parse(certificateLifetime)
            .filter(Duration::isPositive)
            .orElseThrow(
                () ->
                    CliException.usage(
                        "--client-certificate-lifetime: got "
                            + SafeText.quote(certificateLifetime)
                            + "; want a duration of more than 0, such as 24h, 3d or 1h30m"));
    JoinOptions options =
        JoinOptions.defaults()
            .inNamespace(namespace)
            .withConfig(new JoinConfig(lifetime, JoinConfig.DEFAULT.registrationWindow()));
    Path listed = inventory;
    if (listed != null) {
      // once at the start, so that a file that is wrong from the beginning is told at once
      String text = UserFile.read("--join-inventory", listed, "an inventory");
      if (JoinFiles.inventory(listed.toString(), text)
          instanceof Fact.Unknown<InventoryDocument>(String why)) {
        throw CliException.usage("--join-inventory " + why);
      }
      options = options.withInventory(node -> JoinFiles.isListed(document(listed), node));
    }
    if (attestation != null) {
      options =
          options
              .withAttestations(
                  JoinFiles.issuers(
                      attestation.toString(),
                      UserFile.read("--attestation", attestation, "a list of attestation issuers")))
              .withPublishedKeys(new JwksReader(InstantSource.system()));
    }
    return Optional.of(options);
  }

  private static Fact<InventoryDocument> document(Path file) {
    try {
      return JoinFiles.inventory(file.toString(), Files.readString(file));
    } catch (IOException e) {
      return Fact.unknown(file + ": cannot be read");
    }
  }
}
