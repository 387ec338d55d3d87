package dev.countersign.render.approver;

import java.util.ArrayList;
import java.util.List;

/** The files in the approver's pod: its policy, and what the policy and strict join name. */
public final class ApproverFiles {
  /** Where they are in the pod. */
  public static final String DIRECTORY = "/etc/countersign";

  /** ConfigMap and Secret with the files that a policy names; the operator makes them. */
  public static final String OBJECT = "countersign-files";

  static final String POLICY = "policy.yaml";
  static final String JOIN_INVENTORY = "join-inventory.yaml";
  static final String JOIN_ATTESTATION = "join-attestation.yaml";

  /** Names that no file of a policy can have. */
  public static final List<String> RESERVED = List.of(POLICY, JOIN_INVENTORY, JOIN_ATTESTATION);

  private ApproverFiles() {}

  /** The key that holds a file, which may lie in a directory: {@code a/b} is under {@code a-b}. */
  public static String key(String file) {
    return file.replace('/', '-');
  }

  /** The volume's source: the policy's ConfigMap alone where nothing else is needed. */
  static List<String> volume(ApproverDeployment deployment) {
    PolicyNeeds needs = deployment.needs();
    boolean join = deployment.joinFiles().isPresent();
    if (!join && needs.files().isEmpty() && needs.secretFiles().isEmpty()) {
      return List.of("configMap:", "  name: countersign-policy");
    }
    List<String> lines = new ArrayList<>();
    lines.add("projected:");
    lines.add("  sources:");
    add(lines, "configMap", "countersign-policy", List.of());
    if (join) {
      add(lines, "configMap", "countersign-join", List.of());
    }
    if (!needs.files().isEmpty()) {
      add(lines, "configMap", OBJECT, needs.files());
    }
    if (!needs.secretFiles().isEmpty()) {
      add(lines, "secret", OBJECT, needs.secretFiles());
    }
    return lines;
  }

  private static void add(List<String> lines, String kind, String name, List<String> files) {
    lines.add("  - " + kind + ":");
    lines.add("      name: " + name);
    if (!files.isEmpty()) {
      lines.add("      items:");
      for (String file : files) {
        lines.add("      - key: " + key(file));
        lines.add("        path: " + file);
      }
    }
  }
}
