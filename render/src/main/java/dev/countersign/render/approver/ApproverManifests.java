package dev.countersign.render.approver;

import dev.countersign.common.text.YamlText;
import dev.countersign.render.template.Template;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** The approver's objects as manifests, one object a file, in an order that can be applied. */
public final class ApproverManifests {
  /** How many ConfigMaps the record of addresses has (see {@code policy.ownership.Shard}). */
  private static final int RECORDS = 64;

  /** Where pods serve metrics and probes. */
  private static final int POD_METRICS_PORT = 8080;

  private static final int POD_HEALTH_PORT = 8081;

  /** The same on the host network, on loopback; above Kubernetes' own ports. */
  private static final int HOST_METRICS_PORT = 10269;

  private static final int HOST_HEALTH_PORT = 10268;

  /** The image's own user and group. */
  private static final int USER = 64_999;

  private ApproverManifests() {}

  /** File name to content; none of it is secret. */
  public static SequencedMap<String, String> files(ApproverDeployment deployment) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    if (deployment.createsNamespace()) {
      files.put(
          "namespace.yaml",
          resource("namespace")
              .with("namespace", deployment.namespace())
              .with("podSecurity", deployment.onHostNetwork() ? "privileged" : "restricted")
              .render());
    }
    add("service-account", deployment, files);
    add("cluster-role", deployment, files);
    add("cluster-role-binding", deployment, files);
    files.put(
        "role.yaml",
        resource("role")
            .with("namespace", deployment.namespace())
            .with(
                "records",
                IntStream.range(0, RECORDS)
                    .mapToObj(i -> "- countersign-addresses-" + (i < 10 ? "0" : "") + i)
                    .toList())
            .render());
    add("role-binding", deployment, files);
    add("default-role", deployment, files);
    add("default-role-binding", deployment, files);
    if (deployment.electsLeader()) {
      add("leader-election-role", deployment, files);
      add("leader-election-role-binding", deployment, files);
    }
    files.putAll(ApproverRoles.files(deployment));
    // Strict join asks whether kube-controller-manager would approve by itself.
    if (deployment.needs().accessReview() || deployment.strictJoin()) {
      add("access-review-cluster-role", deployment, files);
      add("access-review-cluster-role-binding", deployment, files);
    }
    if (deployment.secureMetrics()) {
      add("metrics-auth-cluster-role", deployment, files);
      add("metrics-auth-cluster-role-binding", deployment, files);
      add("metrics-reader-cluster-role", deployment, files);
    }
    if (deployment.strictJoin()) {
      add("join-namespace", deployment, files);
      add("join-cluster-role", deployment, files);
      add("join-cluster-role-binding", deployment, files);
      add("join-role", deployment, files);
      add("join-role-binding", deployment, files);
      add("join-lease-role", deployment, files);
      add("join-lease-role-binding", deployment, files);
    }
    files.put(
        "policy.yaml",
        resource("policy")
            .with("namespace", deployment.namespace())
            .with("policy", YamlText.block(deployment.policy()))
            .render());
    if (deployment.joinFiles().isPresent()) {
      files.put("join-files.yaml", joinFiles(deployment));
    }
    files.put("deployment.yaml", deployment(deployment));
    if (!deployment.onHostNetwork()) {
      add("service", deployment, files);
      files.put(
          "network-policy.yaml",
          resource("network-policy")
              .with("namespace", deployment.namespace())
              .with("egress", ApproverEgress.rules(deployment))
              .render());
    }
    if (deployment.replicas() > 1) {
      add("pod-disruption-budget", deployment, files);
    }
    return files;
  }

  /** All of {@link #files} as one stream of YAML documents. */
  public static String stream(ApproverDeployment deployment) {
    return String.join("---\n", files(deployment).values());
  }

  /** A kustomization of these files. */
  public static String kustomization(ApproverDeployment deployment) {
    List<String> lines = new ArrayList<>();
    lines.add("apiVersion: kustomize.config.k8s.io/v1beta1");
    lines.add("kind: Kustomization");
    lines.add("resources:");
    files(deployment).keySet().forEach(file -> lines.add("- " + file));
    return String.join("\n", lines) + "\n";
  }

  private static String deployment(ApproverDeployment deployment) {
    PodSettings pod = deployment.pod();
    boolean hostNetwork = deployment.onHostNetwork();
    boolean controllers = pod.place() == ApproverPlace.CONTROL_PLANE;
    return resource("deployment")
        .with("why", why(pod.place()))
        .with("namespace", deployment.namespace())
        .with("replicas", String.valueOf(deployment.replicas()))
        .with(
            "network", hostNetwork ? List.of("hostNetwork: true", "dnsPolicy: Default") : List.of())
        .with(
            "nodeSelector",
            controllers ? "node.kubernetes.io/controller: \"true\"" : "kubernetes.io/os: linux")
        .with("pullSecrets", pullSecrets(pod))
        .with(
            "user",
            pod.anyUser() ? List.of() : List.of("runAsUser: " + USER, "runAsGroup: " + USER))
        .with("tolerations", tolerations(pod.place()))
        .with("affinity", controllers ? List.of() : PREFER_CONTROL_PLANE)
        .with("spread", deployment.replicas() > 1 ? SPREAD : List.of())
        .with("image", YamlText.scalar(deployment.image()))
        .with("arguments", YamlText.list(arguments(deployment)))
        .with("environment", environment(pod))
        .with(
            "ports",
            hostNetwork
                ? List.of()
                : List.of(
                    "ports:",
                    "- name: metrics",
                    "  containerPort: " + POD_METRICS_PORT,
                    "- name: health",
                    "  containerPort: " + POD_HEALTH_PORT))
        .with("probeHost", hostNetwork ? List.of("host: 127.0.0.1") : List.of())
        .with("policyVolume", ApproverFiles.volume(deployment))
        .with("port", hostNetwork ? String.valueOf(HOST_HEALTH_PORT) : "health")
        .render();
  }

  private static List<String> why(ApproverPlace place) {
    return switch (place) {
      case ANY_NODE, HOST_NETWORK ->
          List.of(
              "# It starts on a cluster where no kubelet has a serving certificate yet: pods start"
                  + " without",
              "# one, only logs and exec wait for it. Whoever controls the node it runs on can use"
                  + " its token,",
              "# so it prefers control plane nodes.");
      case CONTROL_PLANE ->
          List.of(
              "# Runs before anything else does: on the host's network, on controllers, on nodes"
                  + " that are not ready",
              "# for want of a network, and straight to kube-apiserver, without Services. It needs"
                  + " no kubelet's",
              "# serving certificate: pods start without one, only logs and exec wait for it.");
    };
  }

  static List<String> arguments(ApproverDeployment deployment) {
    boolean hostNetwork = deployment.onHostNetwork();
    List<String> arguments = new ArrayList<>();
    arguments.add("approver");
    arguments.add("--policy=" + inPod(ApproverFiles.POLICY));
    String host = hostNetwork ? "127.0.0.1" : "";
    int metrics = hostNetwork ? HOST_METRICS_PORT : POD_METRICS_PORT;
    int health = hostNetwork ? HOST_HEALTH_PORT : POD_HEALTH_PORT;
    arguments.add("--metrics-bind-address=" + host + ":" + metrics);
    arguments.add("--health-probe-bind-address=" + host + ":" + health);
    arguments.add("--log-format=json");
    if (deployment.electsLeader()) {
      arguments.add("--leader-elect");
    }
    if (deployment.strictJoin()) {
      arguments.add("--strict-join");
    }
    if (deployment.joinFiles().inventory().isPresent()) {
      arguments.add("--join-inventory=" + inPod(ApproverFiles.JOIN_INVENTORY));
    }
    if (deployment.joinFiles().attestation().isPresent()) {
      arguments.add("--attestation=" + inPod(ApproverFiles.JOIN_ATTESTATION));
    }
    if (deployment.secureMetrics()) {
      arguments.add("--metrics-secure");
    }
    arguments.addAll(deployment.pod().arguments());
    return arguments;
  }

  private static String inPod(String file) {
    return ApproverFiles.DIRECTORY + "/" + file;
  }

  private static String joinFiles(ApproverDeployment deployment) {
    StringBuilder text =
        new StringBuilder(
            """
            # Read anew for each join.
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: countersign-join
              namespace: %s
            data:
            """
                .formatted(deployment.namespace()));
    JoinFiles given = deployment.joinFiles();
    given.inventory().ifPresent(file -> addFile(text, ApproverFiles.JOIN_INVENTORY, file));
    given.attestation().ifPresent(file -> addFile(text, ApproverFiles.JOIN_ATTESTATION, file));
    return text.toString();
  }

  private static void addFile(StringBuilder text, String name, String content) {
    text.append("  ").append(name).append(": |\n");
    for (String line : YamlText.block(content)) {
      text.append(line.isEmpty() ? "" : "    ").append(line).append('\n');
    }
  }

  private static List<String> tolerations(ApproverPlace place) {
    List<String> lines = new ArrayList<>();
    tolerate(lines, "node-role.kubernetes.io/control-plane");
    tolerate(lines, "node-role.kubernetes.io/controller");
    tolerate(lines, "node.cloudprovider.kubernetes.io/uninitialized");
    switch (place) {
      case ANY_NODE -> {
        tolerate(lines, "node.kubernetes.io/not-ready", "effect: NoSchedule");
        // A node that was lost is left within a minute, where the default is five.
        tolerate(
            lines, "node.kubernetes.io/not-ready", "effect: NoExecute", "tolerationSeconds: 60");
      }
      case HOST_NETWORK, CONTROL_PLANE -> {
        tolerate(lines, "node.kubernetes.io/not-ready");
        tolerate(lines, "node.kubernetes.io/network-unavailable");
      }
    }
    tolerate(lines, "node.kubernetes.io/unreachable", "effect: NoExecute", "tolerationSeconds: 60");
    return lines;
  }

  private static void tolerate(List<String> lines, String key, String... more) {
    lines.add("- key: " + key);
    lines.add("  operator: Exists");
    for (String line : more) {
      lines.add("  " + line);
    }
  }

  private static final List<String> PREFER_CONTROL_PLANE =
      """
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 100
            preference:
              matchExpressions:
              - key: node-role.kubernetes.io/control-plane
                operator: Exists
      """
          .lines()
          .toList();

  private static final List<String> SPREAD =
      """
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: countersign-approver
        matchLabelKeys: [pod-template-hash]
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: countersign-approver
        matchLabelKeys: [pod-template-hash]
      """
          .lines()
          .toList();

  private static final List<String> API_SERVER_ENVIRONMENT =
      """
      env:
      - name: KUBERNETES_SERVICE_HOST
        valueFrom:
          configMapKeyRef:
            name: in-cluster
            key: apiserver-host
      - name: KUBERNETES_SERVICE_PORT
        valueFrom:
          configMapKeyRef:
            name: in-cluster
            key: apiserver-port
      """
          .lines()
          .toList();

  private static List<String> pullSecrets(PodSettings pod) {
    List<String> lines = new ArrayList<>();
    if (!pod.imagePullSecrets().isEmpty()) {
      lines.add("imagePullSecrets:");
      pod.imagePullSecrets().forEach(name -> lines.add("- name: " + YamlText.scalar(name)));
    }
    return lines;
  }

  private static List<String> environment(PodSettings pod) {
    if (pod.place() == ApproverPlace.CONTROL_PLANE) {
      return API_SERVER_ENVIRONMENT;
    }
    return pod.apiServer()
        .map(
            server ->
                List.of(
                    "env:",
                    "- name: KUBERNETES_SERVICE_HOST",
                    "  value: " + YamlText.quoted(server.host()),
                    "- name: KUBERNETES_SERVICE_PORT",
                    "  value: " + YamlText.quoted(String.valueOf(server.port()))))
        .orElse(List.of());
  }

  private static void add(
      String name, ApproverDeployment deployment, SequencedMap<String, String> files) {
    Template template = resource(name);
    files.put(
        name + ".yaml",
        template.mentions("namespace")
            ? template.with("namespace", deployment.namespace()).render()
            : template.render());
  }

  private static Template resource(String name) {
    return Template.resource(ApproverManifests.class, name + ".yaml");
  }
}
