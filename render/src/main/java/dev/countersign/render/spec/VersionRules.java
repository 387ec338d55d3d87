package dev.countersign.render.spec;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.kubernetes.VersionSkew;
import dev.countersign.render.spec.FieldReader.Scalar;
import java.util.Map;
import java.util.Optional;

/** The version of Kubernetes, and which versions may run beside each other. */
final class VersionRules {
  static final String VERSION = "kubernetesVersion";
  static final String ALLOW_UNTESTED = "allowUntestedKubernetesVersion";

  /**
   * How many minor versions a component may be older than the API server (Kubernetes' version skew
   * policy). None may be newer.
   */
  private static final Map<ContainerImage, Integer> OLDEST =
      Map.of(
          ContainerImage.KUBE_CONTROLLER_MANAGER,
          1,
          ContainerImage.KUBE_SCHEDULER,
          1,
          ContainerImage.KUBE_PROXY,
          KubernetesVersion.OLDEST_KUBELET,
          ContainerImage.KUBELET,
          KubernetesVersion.OLDEST_KUBELET);

  private VersionRules() {}

  static KubernetesRelease release(FieldReader fields) {
    KubernetesReleases releases = KubernetesReleases.supported();
    Optional<Scalar> scalar = fields.scalar(VERSION);
    boolean untested = SpecFields.flag(fields, ALLOW_UNTESTED, false);
    if (scalar.isEmpty()) {
      return releases.defaultRelease();
    }
    Optional<KubernetesVersion> version = KubernetesVersion.parse(scalar.get().text());
    if (version.isEmpty()) {
      fields.problem(
          scalar.get(),
          "a release of Kubernetes such as " + releases.byDefault(),
          releases.parseOption(scalar.get().text()).map(meant -> "did you mean " + meant + "?"));
      return releases.defaultRelease();
    }
    if (releases.ofMinor(version.get()).isEmpty() && !untested) {
      fields.problem(
          scalar.get(),
          "a release of Kubernetes " + releases.range() + ", which are tested",
          Optional.of(ALLOW_UNTESTED + ": true renders another one as the nearest of these"));
    }
    return releases.nearest(version.get());
  }

  /** The API server's version: that of the image in the spec, as far as its tag tells. */
  static KubernetesVersion apiServer(
      KubernetesRelease release, Map<ContainerImage, String> images) {
    return Optional.ofNullable(images.get(ContainerImage.KUBE_APISERVER))
        .flatMap(ContainerImage::version)
        .orElse(release.kubernetes());
  }

  /** Compares every image that the spec names with the API server's. */
  static void skew(FieldReader fields, KubernetesVersion apiServer) {
    OLDEST.keySet().stream()
        .sorted()
        .forEach(
            image ->
                fields.scalar(image.key()).ifPresent(at -> skew(fields, at, image, apiServer)));
  }

  /** Compares one image with the API server's. */
  static void skew(
      FieldReader fields, Scalar at, ContainerImage image, KubernetesVersion apiServer) {
    int oldest = OLDEST.getOrDefault(image, 0);
    VersionSkew skew =
        ContainerImage.version(at.text())
            .map(version -> version.skew(apiServer, oldest))
            .orElse(VersionSkew.SUPPORTED);
    if (skew != VersionSkew.SUPPORTED) {
      int least = Math.max(0, apiServer.minor() - oldest);
      fields.problem(
          at,
          "a tag of Kubernetes %d.%d to %s, as kube-apiserver is %s"
              .formatted(apiServer.major(), least, apiServer.majorMinor(), apiServer),
          Optional.of(
              skew == VersionSkew.NEWER
                  ? "upgrade the API server first, by " + VERSION
                  : "upgrade what is older first"));
    }
  }

  /** Compares the API server that the spec names with the components that it does not name. */
  static void skewOfApiServer(
      FieldReader images, KubernetesRelease release, KubernetesVersion apiServer) {
    Optional<Scalar> at = images.scalar(ContainerImage.KUBE_APISERVER.key());
    boolean apart =
        OLDEST.entrySet().stream()
            .filter(each -> !images.has(each.getKey().key()))
            .anyMatch(
                each ->
                    release.kubernetes().skew(apiServer, each.getValue()) != VersionSkew.SUPPORTED);
    if (at.isPresent() && apart) {
      images.problem(
          at.get(),
          "a version that works with "
              + release.kubernetes()
              + ", that of the components the spec does not name",
          Optional.of("set " + VERSION + ": " + apiServer));
    }
  }
}
