package dev.countersign.cli.manifests;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.UserFile;
import dev.countersign.cli.terminal.Console;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.FileParse;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.file.FileBatch;
import dev.countersign.x509.file.FileMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manifests}. */
@Command(
    name = "manifests",
    description = {
      "Print the approver's objects: a namespace, a service account that can do what the approver"
          + " does and no more, the policy, and the Deployment."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign manifests | kubectl apply -f -",
      "  countersign manifests --ha --image registry.example.com/approver:1.2.3",
      "  countersign manifests --policy policy.yaml --out overlays/mine",
    })
public final class ManifestsCommand implements Callable<Integer> {
  private static final int REPLICAS = 2;

  private final Console console;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "The approver's image. Default: the one of this version.")
  private @Nullable String image;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      defaultValue = ApproverDeployment.DEFAULT_NAMESPACE,
      description = "Namespace of the approver. Default: ${DEFAULT-VALUE}.")
  private String namespace = ApproverDeployment.DEFAULT_NAMESPACE;

  @Option(
      names = "--ha",
      description =
          "Two replicas that elect a leader, spread over nodes, with a disruption budget.")
  private boolean ha;

  @Option(
      names = "--strict-join",
      description = "Decide on kubelets' client certificates, too; see docs/operations/install.md.")
  private boolean strictJoin;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The policy to deploy. Default: the built-in one.")
  private @Nullable Path policy;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write a file for each object, and a kustomization.yaml, there.")
  private @Nullable Path out;

  ManifestsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandFailure, IOException {
    ApproverDeployment deployment = deployment();
    if (out == null) {
      console.out().print(ApproverManifests.stream(deployment));
      console.out().flush();
      return ExitStatus.OK.code();
    }
    SequencedMap<String, String> files = ApproverManifests.files(deployment);
    files.put("kustomization.yaml", ApproverManifests.kustomization(deployment));
    Path folder = out;
    FileBatch batch = new FileBatch();
    files.forEach(
        (name, text) -> batch.add(folder.resolve(name), Bytes.ofUtf8(text), FileMode.PUBLIC));
    batch.write();
    files.keySet().forEach(name -> console.out().println(folder.resolve(name)));
    return ExitStatus.OK.code();
  }

  private ApproverDeployment deployment() throws CommandFailure {
    try {
      ApproverDeployment deployment = ApproverDeployment.defaults().inNamespace(namespace);
      if (image != null) {
        deployment = deployment.withImage(image);
      }
      if (ha) {
        deployment = deployment.withReplicas(REPLICAS);
      }
      if (strictJoin) {
        deployment = deployment.withStrictJoin();
      }
      return policy == null ? deployment : withPolicy(deployment, policy);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitStatus.USAGE, "--" + e.getMessage(), e);
    }
  }

  private static ApproverDeployment withPolicy(ApproverDeployment deployment, Path file)
      throws CommandFailure {
    String text = UserFile.read("--policy", file, "UTF-8 text");
    return switch (ApprovalPolicyFile.parse(text)) {
      case FileParse.Parsed<PolicyConfig>(PolicyConfig config) ->
          deployment.withPolicy(text, config.access().isPresent());
      case FileParse.Refused<PolicyConfig> refused ->
          throw CommandFailure.usage("--policy " + file + ":\n" + refused.message());
    };
  }
}
