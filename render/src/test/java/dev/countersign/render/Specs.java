package dev.countersign.render;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Specs to begin with, and what becomes of them. */
public final class Specs {
  /** The moment everything is rendered at. */
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  /** The least a spec must say. */
  public static final String MINIMAL =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ClusterSpec
      clusterName: mercury
      apiServers: [mercury.example.com, 192.0.2.5]
      etcdServers: [node1.example.com]
      """;

  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a operator";

  /** The kubelet image of {@link #withNodes}. */
  public static final String KUBELET_IMAGE =
      "docker.io/psdn/kubelet:" + KubernetesReleases.supported().byDefault();

  private Specs() {}

  /** A spec for another release. */
  public static String withRelease(String yaml, KubernetesRelease release) {
    return yaml.replace(
            KubernetesReleases.supported().byDefault().toString(), release.kubernetes().toString())
        + "kubernetesVersion: "
        + release.kubernetes()
        + "\n";
  }

  /** A rendered text with names in place of the versions that belong to a release. */
  public static String withoutVersions(String text, KubernetesRelease release) {
    String neutral = text;
    for (ContainerImage image : ContainerImage.values()) {
      if (image != ContainerImage.APPROVER) {
        neutral = neutral.replace(image.of(release), image.repository() + ":{" + image.key() + "}");
      }
    }
    return neutral
        .replace(release.kubernetes().toString(), "{kubernetes}")
        .replace(release.etcd(), "{etcd}");
  }

  /** A cluster with machines. */
  public static String withNodes(Platform platform, OperatingSystem os) {
    boolean bareMetal = platform == Platform.BARE_METAL;
    return MINIMAL
        + """
        nodes:
          platform: %s
          os: %s
          sshAuthorizedKeys: ["%s"]
          kubeletImageOverride: %s
          controllers:
          - name: node1
            %s
          workers:
          - name: pool
            %s
            labels: [role=edge]
            taints: [edge=yes:NoSchedule]
        """
            .formatted(
                platform.key(),
                os.key(),
                KEY,
                KUBELET_IMAGE,
                bareMetal ? "domain: node1.example.com" : "",
                bareMetal ? "domain: pool.example.com" : "");
  }

  /** Parses what must be right. */
  public static ClusterSpec parse(String yaml) {
    return ClusterSpec.parse(yaml).orThrow();
  }

  /** Renders for the first time. */
  public static AssetTree render(String yaml) {
    return Renderer.render(
            parse(yaml),
            ExistingSecrets.none(),
            new SeededEntropy("a"),
            NOW,
            RenderOptions.defaults())
        .orThrow();
  }

  /** Every text of a tree. */
  public static Map<String, String> texts(AssetTree tree) {
    Map<String, String> texts = new TreeMap<>();
    tree.assets()
        .forEach(
            (path, asset) ->
                texts.put(path.value(), asset.text(SecretAccess.because("compared in a test"))));
    return texts;
  }

  /** What a later rendering finds. */
  public static ExistingSecrets existing(AssetTree tree) {
    return existing(texts(tree));
  }

  /** What a later rendering finds in these files. */
  public static ExistingSecrets existing(Map<String, String> texts) {
    Map<AssetPath, SecretText> files = new TreeMap<>();
    texts.forEach((path, text) -> files.put(AssetPath.of(path), SecretText.of(text)));
    return ExistingSecrets.of(files);
  }
}
