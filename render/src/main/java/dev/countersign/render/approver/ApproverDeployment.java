package dev.countersign.render.approver;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.render.spec.ContainerImage;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * How the approver is to be deployed.
 *
 * @param namespace of its pods, its policy and its record of addresses
 * @param createsNamespace whether the Namespace is among its objects, which labels it and deletes
 *     it with them; only the default one is by default
 * @param image whose entrypoint is the command line
 * @param replicas two or more elect a leader
 * @param features what it does beside approving serving certificates
 * @param joinFiles files of strict join
 * @param policy the text of the policy file
 * @param needs what that policy needs
 * @param pod what clusters differ in for its pods
 */
public record ApproverDeployment(
    String namespace,
    boolean createsNamespace,
    String image,
    int replicas,
    Set<Feature> features,
    JoinFiles joinFiles,
    String policy,
    PolicyNeeds needs,
    PodSettings pod) {
  /** What an approver does that is off by default. */
  public enum Feature {
    /** It decides on client certificates, too. */
    STRICT_JOIN,
    /** Metrics are served by HTTPS, to those who may get them. */
    SECURE_METRICS
  }

  /** The namespace unless told otherwise. */
  public static final String DEFAULT_NAMESPACE = "countersign-system";

  /** A policy that names only what has no default. */
  public static final String DEFAULT_POLICY =
      """
      # What is left out keeps its default; docs/schema/approvalpolicy.schema.json has every field.
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        mode: Enforce
      """;

  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /** Namespaces that Kubernetes makes itself. */
  private static final Pattern OF_KUBERNETES = Pattern.compile("default|kube-.*");

  private static final Pattern UNPRINTABLE =
      Pattern.compile("[^\\t\\r\\n\\x20-\\x7e\\x{a0}-\\x{10ffff}]|[\\x{2028}\\x{2029}\\x{feff}]");

  /** Checks that every value can stand in a manifest. */
  public ApproverDeployment {
    if (!NAMESPACE.matcher(namespace).matches()) {
      throw new IllegalArgumentException(
          "namespace: got \"" + namespace + "\"; want a DNS label such as " + DEFAULT_NAMESPACE);
    }
    if (createsNamespace && OF_KUBERNETES.matcher(namespace).matches()) {
      throw new IllegalArgumentException(
          "create-namespace: got it with namespace \""
              + namespace
              + "\", which is Kubernetes' own; want a namespace for the approver alone, or leave"
              + " this option out");
    }
    if (!ContainerImage.isReference(image)) {
      throw new IllegalArgumentException(
          "image: got \"" + image + "\"; want " + ContainerImage.REFERENCE_WANT);
    }
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas: got " + replicas + "; want 1 or more");
    }
    features = Set.copyOf(features);
    if (joinFiles.isPresent() && !features.contains(Feature.STRICT_JOIN)) {
      throw new IllegalArgumentException(
          "join-inventory, --attestation: got them without strict join; want --strict-join or"
              + " client: Strict in the policy");
    }
    policy = printable("policy", policy);
    joinFiles =
        new JoinFiles(
            joinFiles.inventory().map(text -> printable("join-inventory", text)),
            joinFiles.attestation().map(text -> printable("attestation", text)));
    Objects.requireNonNull(needs, "needs");
    Objects.requireNonNull(pod, "pod");
  }

  private static String printable(String what, String text) {
    if (UNPRINTABLE.matcher(text).find()) {
      throw new IllegalArgumentException(
          what + ": got control characters; want printable text, which a manifest can hold");
    }
    return String.join("\n", text.stripIndent().strip().lines().toList()) + "\n";
  }

  /** One replica with the built-in policy, on any cluster. */
  public static ApproverDeployment defaults() {
    return new ApproverDeployment(
        DEFAULT_NAMESPACE,
        true,
        ContainerImage.APPROVER.of(KubernetesReleases.supported().defaultRelease()),
        1,
        Set.of(),
        JoinFiles.none(),
        DEFAULT_POLICY,
        PolicyNeeds.ofDefaultPolicy(),
        PodSettings.defaults());
  }

  /** The same with another image. */
  public ApproverDeployment withImage(String other) {
    return with(draft -> draft.image = other);
  }

  /** The same in another namespace, which is there already unless it is the default one. */
  public ApproverDeployment inNamespace(String other) {
    return with(
        draft -> {
          draft.namespace = other;
          draft.createsNamespace = other.equals(DEFAULT_NAMESPACE);
        });
  }

  /** The same with the Namespace among its objects. */
  public ApproverDeployment withNamespaceCreated() {
    return with(draft -> draft.createsNamespace = true);
  }

  /** The same with another number of replicas. */
  public ApproverDeployment withReplicas(int number) {
    return with(draft -> draft.replicas = number);
  }

  /** The same with strict join. */
  public ApproverDeployment withStrictJoin() {
    return with(draft -> draft.features.add(Feature.STRICT_JOIN));
  }

  /** The same with metrics by HTTPS, to those who may get them. */
  public ApproverDeployment withSecureMetrics() {
    return with(draft -> draft.features.add(Feature.SECURE_METRICS));
  }

  /** The same with files of strict join, which it must have. */
  public ApproverDeployment withJoinFiles(JoinFiles files) {
    return with(draft -> draft.joinFiles = files);
  }

  /** The same with another policy, and what it needs. */
  public ApproverDeployment withPolicy(String text, PolicyNeeds needed) {
    return with(
        draft -> {
          draft.policy = text;
          draft.needs = needed;
        });
  }

  /** The same with other pods. */
  public ApproverDeployment withPod(PodSettings other) {
    return with(draft -> draft.pod = other);
  }

  /** The same elsewhere. */
  public ApproverDeployment at(ApproverPlace place) {
    return withPod(pod.at(place));
  }

  boolean onHostNetwork() {
    return pod.place().onHostNetwork();
  }

  /** Whether it decides on client certificates, too. */
  public boolean strictJoin() {
    return features.contains(Feature.STRICT_JOIN);
  }

  boolean secureMetrics() {
    return features.contains(Feature.SECURE_METRICS);
  }

  boolean electsLeader() {
    return replicas > 1;
  }

  private ApproverDeployment with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new ApproverDeployment(
        draft.namespace,
        draft.createsNamespace,
        draft.image,
        draft.replicas,
        draft.features,
        draft.joinFiles,
        draft.policy,
        draft.needs,
        draft.pod);
  }

  /** What may be another in a copy. */
  private static final class Draft {
    private String namespace;
    private boolean createsNamespace;
    private String image;
    private int replicas;
    private Set<Feature> features;
    private JoinFiles joinFiles;
    private String policy;
    private PolicyNeeds needs;
    private PodSettings pod;

    private Draft(ApproverDeployment deployment) {
      namespace = deployment.namespace;
      createsNamespace = deployment.createsNamespace;
      image = deployment.image;
      replicas = deployment.replicas;
      features = new HashSet<>(deployment.features);
      joinFiles = deployment.joinFiles;
      policy = deployment.policy;
      needs = deployment.needs;
      pod = deployment.pod;
    }
  }
}
