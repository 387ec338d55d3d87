package dev.countersign.render.approver;

import dev.countersign.common.text.YamlText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A kustomize Component that adds a policy, and all that it needs, to {@code deploy/kustomize/base}
 * or an overlay of it. Replicas, image and scheduling stay the overlay's.
 */
public final class ApproverComponent {
  private static final String DEPLOYMENT_PATCH = "deployment-patch.yaml";
  private static final String NETWORK_POLICY_PATCH = "network-policy-patch.yaml";

  private ApproverComponent() {}

  /**
   * File name to content, the {@code kustomization.yaml} among them.
   *
   * @param deployment in the default namespace, with one replica and the image of this version,
   *     which are the base's
   */
  public static SequencedMap<String, String> files(ApproverDeployment deployment) {
    SequencedMap<String, String> files = ApproverManifests.files(deployment);
    String policy = String.valueOf(files.get("policy.yaml"));
    files.keySet().removeAll(ApproverManifests.files(ApproverDeployment.defaults()).keySet());
    List<String> resources = List.copyOf(files.keySet());

    SequencedMap<String, String> all = new LinkedHashMap<>();
    all.put("kustomization.yaml", kustomization(resources));
    all.put("policy.yaml", policy);
    all.put(DEPLOYMENT_PATCH, deploymentPatch(deployment));
    all.put(
        NETWORK_POLICY_PATCH,
        lines(
            List.of("- op: replace", "  path: /spec/egress", "  value:"),
            ApproverEgress.rules(deployment.needs())));
    all.putAll(files);
    return all;
  }

  private static String kustomization(List<String> resources) {
    List<String> lines = new ArrayList<>();
    lines.add("# For deploy/kustomize/base or an overlay of it, as one of its components.");
    lines.add("apiVersion: kustomize.config.k8s.io/v1alpha1");
    lines.add("kind: Component");
    if (!resources.isEmpty()) {
      lines.add("resources:");
      lines.addAll(YamlText.list(resources));
    }
    lines.add("patches:");
    lines.add("- path: policy.yaml");
    lines.add("- path: " + DEPLOYMENT_PATCH);
    lines.add("  target: {kind: Deployment, name: countersign-approver}");
    lines.add("- path: " + NETWORK_POLICY_PATCH);
    lines.add("  target: {kind: NetworkPolicy, name: countersign-approver}");
    return String.join("\n", lines) + "\n";
  }

  /** The files in the pod, and the arguments that the base's lack. */
  private static String deploymentPatch(ApproverDeployment deployment) {
    List<String> arguments = new ArrayList<>(ApproverManifests.arguments(deployment));
    arguments.removeAll(ApproverManifests.arguments(ApproverDeployment.defaults()));
    List<String> more = new ArrayList<>();
    for (String argument : YamlText.list(arguments)) {
      more.add("- op: add");
      more.add("  path: /spec/template/spec/containers/0/args/-");
      more.add(argument.replaceFirst("^-", "  value:"));
    }
    List<String> volume = new ArrayList<>();
    volume.add("  name: policy");
    volume.addAll(ApproverFiles.volume(deployment).stream().map(line -> "  " + line).toList());
    return lines(
            List.of(
                "- op: test",
                "  path: /spec/template/spec/volumes/0/name",
                "  value: policy",
                "- op: replace",
                "  path: /spec/template/spec/volumes/0",
                "  value:"),
            volume)
        + String.join("\n", more)
        + (more.isEmpty() ? "" : "\n");
  }

  /** Some lines, and a value below the last of them. */
  private static String lines(List<String> lines, List<String> value) {
    List<String> all = new ArrayList<>(lines);
    value.forEach(line -> all.add("  " + line));
    return String.join("\n", all) + "\n";
  }
}
