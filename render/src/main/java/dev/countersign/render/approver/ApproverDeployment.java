package dev.countersign.render.approver;

import dev.countersign.render.spec.ContainerImage;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * How the approver is to be deployed.
 *
 * @param namespace of its pods, its policy and its record of addresses
 * @param image whose entrypoint is the command line
 * @param replicas two or more elect a leader
 * @param strictJoin whether it decides on client certificates, too
 * @param accessReview whether the policy asks for a SubjectAccessReview
 * @param policy the text of the policy file
 * @param place where the pods run
 */
public record ApproverDeployment(
    String namespace,
    String image,
    int replicas,
    boolean strictJoin,
    boolean accessReview,
    String policy,
    ApproverPlace place) {
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
  private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_./:@-]{0,511}");
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[^\\t\\r\\n\\x20-\\x7e\\x{a0}-\\x{10ffff}]|[\\x{2028}\\x{2029}\\x{feff}]");

  /** Checks that every value can stand in a manifest. */
  public ApproverDeployment {
    if (!NAMESPACE.matcher(namespace).matches()) {
      throw new IllegalArgumentException(
          "namespace: got \"" + namespace + "\"; want a DNS label such as " + DEFAULT_NAMESPACE);
    }
    if (!IMAGE.matcher(image).matches()) {
      throw new IllegalArgumentException(
          "image: got \"" + image + "\"; want a reference such as registry.example.com/name:tag");
    }
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas: got " + replicas + "; want 1 or more");
    }
    if (UNPRINTABLE.matcher(policy).find()) {
      throw new IllegalArgumentException(
          "policy: got control characters; want printable text, which a manifest can hold");
    }
    policy = String.join("\n", policy.stripIndent().strip().lines().toList()) + "\n";
    Objects.requireNonNull(place, "place");
  }

  /** One replica with the built-in policy, on any cluster. */
  public static ApproverDeployment defaults() {
    return new ApproverDeployment(
        DEFAULT_NAMESPACE,
        ContainerImage.APPROVER.byDefault(),
        1,
        false,
        false,
        DEFAULT_POLICY,
        ApproverPlace.ANY_NODE);
  }

  /** The same with another image. */
  public ApproverDeployment withImage(String other) {
    return new ApproverDeployment(
        namespace, other, replicas, strictJoin, accessReview, policy, place);
  }

  /** The same in another namespace. */
  public ApproverDeployment inNamespace(String other) {
    return new ApproverDeployment(other, image, replicas, strictJoin, accessReview, policy, place);
  }

  /** The same with another number of replicas. */
  public ApproverDeployment withReplicas(int number) {
    return new ApproverDeployment(
        namespace, image, number, strictJoin, accessReview, policy, place);
  }

  /** The same with strict join. */
  public ApproverDeployment withStrictJoin() {
    return new ApproverDeployment(namespace, image, replicas, true, accessReview, policy, place);
  }

  /**
   * The same with another policy.
   *
   * @param asksForAccessReview whether that policy has {@code subjectAccessReview}
   */
  public ApproverDeployment withPolicy(String text, boolean asksForAccessReview) {
    return new ApproverDeployment(
        namespace, image, replicas, strictJoin, asksForAccessReview, text, place);
  }

  /** The same elsewhere. */
  public ApproverDeployment at(ApproverPlace other) {
    return new ApproverDeployment(
        namespace, image, replicas, strictJoin, accessReview, policy, other);
  }

  boolean electsLeader() {
    return replicas > 1;
  }
}
