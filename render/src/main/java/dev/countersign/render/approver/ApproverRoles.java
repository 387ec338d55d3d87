package dev.countersign.render.approver;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Roles that follow from the policy: exactly the ConfigMaps and Machines that it names. */
final class ApproverRoles {
  private ApproverRoles() {}

  /** File name to content. */
  static SequencedMap<String, String> files(ApproverDeployment deployment) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    Map<String, TreeSet<String>> configMaps = new TreeMap<>();
    for (PolicyNeeds.ConfigMapAccess each : deployment.needs().configMaps()) {
      configMaps.computeIfAbsent(each.namespace(), _ -> new TreeSet<>()).add(each.name());
    }
    configMaps.forEach(
        (namespace, names) ->
            addRole(
                files,
                deployment,
                "inventory",
                namespace,
                rule("\"\"", "configmaps", "get", List.copyOf(names))));
    boolean everywhere =
        deployment.needs().machines().stream().anyMatch(each -> each.namespace().isEmpty());
    Map<String, TreeSet<String>> groups = new TreeMap<>();
    for (PolicyNeeds.MachineAccess each : deployment.needs().machines()) {
      groups.computeIfAbsent(each.namespace().orElse(""), _ -> new TreeSet<>()).add(each.group());
    }
    groups.forEach(
        (namespace, names) -> {
          String rules = rule(String.join(", ", names), "machines", "list", List.of());
          if (namespace.isEmpty()) {
            addClusterRole(files, deployment, "machines", rules);
          } else if (!everywhere || !groups.getOrDefault("", new TreeSet<>()).containsAll(names)) {
            addRole(files, deployment, "machines", namespace, rules);
          }
        });
    return files;
  }

  private static String rule(String groups, String resource, String verb, List<String> names) {
    StringBuilder rule = new StringBuilder();
    rule.append("- apiGroups: [").append(groups).append("]\n");
    rule.append("  resources: [").append(resource).append("]\n");
    if (!names.isEmpty()) {
      rule.append("  resourceNames: [").append(String.join(", ", names)).append("]\n");
    }
    return rule.append("  verbs: [").append(verb).append("]\n").toString();
  }

  private static void addRole(
      SequencedMap<String, String> files,
      ApproverDeployment deployment,
      String what,
      String namespace,
      String rules) {
    String metadata =
        "metadata:\n  name: countersign-approver-%s\n  namespace: %s\n".formatted(what, namespace);
    files.put("%s-role-%s.yaml".formatted(what, namespace), role("Role", metadata, rules));
    files.put(
        "%s-role-binding-%s.yaml".formatted(what, namespace),
        binding("Role", metadata, what, deployment.namespace()));
  }

  private static void addClusterRole(
      SequencedMap<String, String> files,
      ApproverDeployment deployment,
      String what,
      String rules) {
    String metadata = "metadata:\n  name: countersign-approver-%s\n".formatted(what);
    files.put(what + "-cluster-role.yaml", role("ClusterRole", metadata, rules));
    files.put(
        what + "-cluster-role-binding.yaml",
        binding("ClusterRole", metadata, what, deployment.namespace()));
  }

  private static String role(String kind, String metadata, String rules) {
    return "# For the inventories that the policy names.\n"
        + "apiVersion: rbac.authorization.k8s.io/v1\nkind: "
        + kind
        + "\n"
        + metadata
        + "rules:\n"
        + rules;
  }

  private static String binding(String kind, String metadata, String what, String namespace) {
    return "apiVersion: rbac.authorization.k8s.io/v1\nkind: "
        + kind
        + "Binding\n"
        + metadata
        + """
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: %s
          name: countersign-approver-%s
        subjects:
        - kind: ServiceAccount
          name: countersign-approver
          namespace: %s
        """
            .formatted(kind, what, namespace);
  }
}
