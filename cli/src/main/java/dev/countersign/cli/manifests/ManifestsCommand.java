package dev.countersign.cli.manifests;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.FileBatch;
import dev.countersign.common.file.FileMode;
import dev.countersign.common.file.UserFile;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.AttestationFile;
import dev.countersign.policy.file.InventoryFile;
import dev.countersign.policy.join.attestation.SignedIdentityDocument;
import dev.countersign.render.approver.ApproverComponent;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.JoinFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manifests}. */
@Command(
    name = "manifests",
    description = {
      "Print the approver's objects: a namespace, a service account that can do what the approver"
          + " does and no more, the policy, and the Deployment. What the policy needs and these"
          + " objects cannot bring is reported on standard error."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign manifests | kubectl apply -f -",
      "  countersign manifests --ha --image registry.example.com/approver:1.2.3",
      "  countersign manifests --policy policy.yaml --out mine",
      "  countersign manifests --policy policy.yaml --component --out components/policy",
      "  countersign manifests --host-network --api-server api.example.com:6443",
      "  countersign manifests --image-pull-secret registry --component --out registry",
      "  countersign manifests -n kube-system --policy policy.yaml | kubectl apply -f -",
    })
public final class ManifestsCommand implements Callable<Integer> {
  private static final int REPLICAS = 2;
  private static final String NAMESPACE_OF_THE_BASE = ApproverDeployment.DEFAULT_NAMESPACE;

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
      names = "--metrics-secure",
      description =
          "Serve metrics by HTTPS, to those only who may get the nonResourceURL /metrics, with the"
              + " rights that this needs and a ClusterRole for who scrapes.")
  private boolean metricsSecure;

  @Option(
      names = "--create-namespace",
      description =
          "Print the Namespace, too: labelled for Pod Security restricted, and deleted with the"
              + " other objects. Without it only "
              + ApproverDeployment.DEFAULT_NAMESPACE
              + " is.")
  private boolean createNamespace;

  @Option(
      names = "--join-inventory",
      paramLabel = "FILE",
      description = "With strict join: an Inventory, for tokens made with --require-inventory.")
  private @Nullable Path joinInventory;

  @Option(
      names = "--attestation",
      paramLabel = "FILE",
      description =
          "With strict join: issuers of identity documents (kind: Attestation), for tokens made"
              + " with --require-attestation.")
  private @Nullable Path attestation;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "The policy to deploy, with the rights, files and ways out of the pod that it needs."
              + " Default: the built-in one.")
  private @Nullable Path policy;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write a file for each object, and a kustomization.yaml, there.")
  private @Nullable Path out;

  @Option(
      names = "--component",
      description =
          "With --out: a kustomize Component that adds the policy with what it needs, and whatever"
              + " other options say, to deploy/kustomize/base or an overlay of it; replicas and"
              + " image stay the overlay's.")
  private boolean component;

  @Mixin private PodFlags pod = new PodFlags();

  ManifestsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    if (component) {
      fitsAComponent();
    }
    ApproverDeployment deployment = deployment();
    if (out == null) {
      console.out().print(ApproverManifests.stream(deployment));
      console.out().flush();
      return ExitStatus.OK.code();
    }
    Path directory = out;
    SequencedMap<String, String> files = files(deployment);
    FileBatch batch = new FileBatch();
    files.forEach(
        (name, text) -> batch.add(directory.resolve(name), Bytes.ofUtf8(text), FileMode.PUBLIC));
    batch.write();
    files.keySet().forEach(name -> console.out().println(directory.resolve(name)));
    return ExitStatus.OK.code();
  }

  private SequencedMap<String, String> files(ApproverDeployment deployment) {
    if (component) {
      return ApproverComponent.files(deployment);
    }
    SequencedMap<String, String> files = ApproverManifests.files(deployment);
    files.put("kustomization.yaml", ApproverManifests.kustomization(deployment));
    return files;
  }

  /** What is the base's or the overlay's has no place beside it. */
  private void fitsAComponent() throws CliException {
    if (out == null) {
      throw CliException.usage("--component: got it alone; want it with --out DIR");
    }
    if (ha || image != null || createNamespace || !namespace.equals(NAMESPACE_OF_THE_BASE)) {
      throw CliException.usage(
          "--component: got it with --ha, --image, --namespace or --create-namespace, which are the"
              + " overlay's; want overlays/ha as its base and its own images:, or --out without"
              + " --component");
    }
  }

  private ApproverDeployment deployment() throws CliException {
    Optional<String> policyText = read("--policy", policy);
    Optional<PolicyConfig> config =
        policyText.isEmpty()
            ? Optional.empty()
            : Optional.of(parsed("--policy", policy, ApprovalPolicyFile.parse(policyText.get())));
    JoinFiles joinFiles = joinFiles();
    List<SignedIdentityDocument> issuers =
        joinFiles.attestation().isEmpty()
            ? List.of()
            : parsed(
                "--attestation", attestation, AttestationFile.parse(joinFiles.attestation().get()));
    Optional<DerivedNeeds> derived =
        config.isEmpty() && issuers.isEmpty()
            ? Optional.empty()
            : Optional.of(DerivedNeeds.of(config.orElse(PolicyConfig.defaults()), issuers));
    if (derived.isPresent() && !derived.get().errors().isEmpty()) {
      throw CliException.usage(
          (policy == null ? "" : "--policy " + policy + ":\n")
              + String.join("\n", derived.get().errors()));
    }
    boolean strict =
        strictJoin
            || config.map(PolicyConfig::client).orElse(PolicyConfig.Client.IGNORE)
                == PolicyConfig.Client.STRICT;
    try {
      ApproverDeployment deployment = ApproverDeployment.defaults().inNamespace(namespace);
      if (createNamespace) {
        deployment = deployment.withNamespaceCreated();
      }
      if (image != null) {
        deployment = deployment.withImage(image);
      }
      if (ha) {
        deployment = deployment.withReplicas(REPLICAS);
      }
      if (derived.isPresent()) {
        deployment =
            deployment.withPolicy(
                policyText.orElse(ApproverDeployment.DEFAULT_POLICY), derived.get().needs());
      }
      if (strict) {
        deployment = deployment.withStrictJoin();
      }
      if (metricsSecure) {
        deployment = deployment.withSecureMetrics();
      }
      deployment = deployment.withPod(pod.settings(ha || component)).withJoinFiles(joinFiles);
      new DeploymentNotes(console.err(), deployment).print(derived);
      return deployment;
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, "--" + e.getMessage(), e);
    }
  }

  private JoinFiles joinFiles() throws CliException {
    Optional<String> inventory = read("--join-inventory", joinInventory);
    if (inventory.isPresent()) {
      parsed("--join-inventory", joinInventory, InventoryFile.parse(inventory.get()));
    }
    Optional<String> issuers = read("--attestation", attestation);
    return new JoinFiles(inventory, issuers);
  }

  private static Optional<String> read(String option, @Nullable Path file) throws CliException {
    return file == null ? Optional.empty() : Optional.of(UserFile.read(option, file, "UTF-8 text"));
  }

  private static <T> T parsed(String option, @Nullable Path file, ParseResult<T> parse)
      throws CliException {
    return switch (parse) {
      case ParseResult.Parsed<T>(T value) -> value;
      case ParseResult.Refused<T> refused ->
          throw CliException.usage(option + " " + file + ":\n" + refused.message());
    };
  }
}
