package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Fields;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.kubernetes.VersionSkew;
import dev.countersign.common.text.SafeText;
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

  static KubernetesRelease release(Fields fields) {
    KubernetesReleases releases = KubernetesReleases.supported();
    boolean untested = fields.truth(ALLOW_UNTESTED).orElse(false);
    Optional<KubernetesVersion> version = fields.parsed(VERSION, text -> version(text, releases));
    if (version.isPresent() && releases.ofMinor(version.get()).isEmpty() && !untested) {
      fields.wrong(
          VERSION,
          SafeText.quote(version.get().toString()),
          "a release of Kubernetes " + releases.range() + ", which are tested",
          ALLOW_UNTESTED + ": true renders another one as the nearest of these");
    }
    return version.map(releases::nearest).orElseGet(releases::defaultRelease);
  }

  private static ParseResult<KubernetesVersion> version(String text, KubernetesReleases releases) {
    return SpecFields.parsed(
        KubernetesVersion.parse(text),
        "a release of Kubernetes such as " + releases.byDefault(),
        releases.parseOption(text).map(meant -> "did you mean \"" + meant + "\"?"));
  }

  /** The API server's version: that of the image in the spec, as far as its tag tells. */
  static KubernetesVersion apiServer(
      KubernetesRelease release, Map<ContainerImage, String> images) {
    return Optional.ofNullable(images.get(ContainerImage.KUBE_APISERVER))
        .flatMap(ContainerImage::version)
        .orElse(release.kubernetes());
  }

  /** Compares every image that the spec names with the API server's. */
  static void skew(Fields fields, Map<ContainerImage, String> images, KubernetesVersion apiServer) {
    images.forEach(
        (image, text) -> {
          if (OLDEST.containsKey(image)) {
            skew(fields.at(image.key()), text, image, apiServer).ifPresent(fields::report);
          }
        });
  }

  /** Compares one image with the API server's. */
  static Optional<ParseError> skew(
      String path, String reference, ContainerImage image, KubernetesVersion apiServer) {
    int oldest = OLDEST.getOrDefault(image, 0);
    VersionSkew skew =
        ContainerImage.version(reference)
            .map(version -> version.skew(apiServer, oldest))
            .orElse(VersionSkew.SUPPORTED);
    int least = Math.max(0, apiServer.minor() - oldest);
    ParseError error =
        new ParseError(
            path,
            SafeText.quote(reference),
            "a tag of Kubernetes %d.%d to %s, as kube-apiserver is %s"
                .formatted(apiServer.major(), least, apiServer.majorMinor(), apiServer));
    return switch (skew) {
      case SUPPORTED -> Optional.empty();
      case NEWER -> Optional.of(error.then("upgrade the API server first, by " + VERSION));
      case TOO_OLD -> Optional.of(error.then("upgrade what is older first"));
    };
  }

  /** Compares the API server that the spec names with the components that it does not name. */
  static void skewOfApiServer(
      Fields fields,
      Map<ContainerImage, String> images,
      KubernetesRelease release,
      KubernetesVersion apiServer) {
    String named = images.get(ContainerImage.KUBE_APISERVER);
    boolean apart =
        OLDEST.entrySet().stream()
            .filter(each -> !fields.has(each.getKey().key()))
            .anyMatch(
                each ->
                    release.kubernetes().skew(apiServer, each.getValue()) != VersionSkew.SUPPORTED);
    if (named != null && apart) {
      fields.wrong(
          ContainerImage.KUBE_APISERVER.key(),
          SafeText.quote(named),
          "a version that works with "
              + release.kubernetes()
              + ", that of the components the spec does not name",
          "set " + VERSION + ": " + apiServer);
    }
  }
}
