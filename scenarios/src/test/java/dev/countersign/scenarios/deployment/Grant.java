package dev.countersign.scenarios.deployment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One verb on one resource that a Role or ClusterRole grants.
 *
 * @param namespace of the Role; empty for the whole cluster
 * @param names of the objects it is limited to; empty for all
 */
record Grant(String namespace, String group, String resource, String verb, List<String> names) {
  Grant {
    names = List.copyOf(names);
  }

  /** Every grant of the roles among these objects. */
  static List<Grant> of(Iterable<Map<?, ?>> objects) {
    List<Grant> grants = new ArrayList<>();
    for (Map<?, ?> object : objects) {
      String kind = String.valueOf(object.get("kind"));
      if (!kind.equals("Role") && !kind.equals("ClusterRole")) {
        continue;
      }
      String namespace =
          kind.equals("Role")
              ? String.valueOf(ManifestObjects.mapAt(object, "metadata").get("namespace"))
              : "";
      for (Object each : ManifestObjects.listAt(object, "rules")) {
        Map<?, ?> rule = (Map<?, ?>) each;
        for (String group : ManifestObjects.textsAt(rule, "apiGroups")) {
          for (String resource : ManifestObjects.textsAt(rule, "resources")) {
            for (String verb : ManifestObjects.textsAt(rule, "verbs")) {
              grants.add(
                  new Grant(
                      namespace,
                      group,
                      resource,
                      verb,
                      ManifestObjects.textsAt(rule, "resourceNames")));
            }
          }
        }
      }
    }
    return grants;
  }

  /** Whether the API server's authorizer takes this grant for that request. */
  boolean allows(AuditLog.Request request) {
    return request.verb().equals(verb)
        && request.group().equals(group)
        && request.resource().equals(resource)
        && (namespace.isEmpty() || request.namespace().equals(namespace))
        && (names.isEmpty() || names.contains(request.name()));
  }
}
