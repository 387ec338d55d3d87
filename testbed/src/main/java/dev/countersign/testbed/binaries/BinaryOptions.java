package dev.countersign.testbed.binaries;

import dev.countersign.common.kubernetes.KubernetesVersion;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which binaries, and where to look for them.
 *
 * @param kubernetes the supported release wanted; empty for the one in {@code kubebuilderAssets},
 *     else the default one
 * @param kubebuilderAssets a directory of the user's own, from {@code KUBEBUILDER_ASSETS}
 * @param cacheDirectory countersign's directory in the user's cache
 * @param download where upstream's releases are; empty to download nothing
 * @param connectTimeout how long a server may take to answer at all
 * @param searchPath the directories that {@code go} is looked for in, as {@code PATH} has them
 * @param progress told how far a long step is
 */
public record BinaryOptions(
    Optional<KubernetesVersion> kubernetes,
    Optional<Path> kubebuilderAssets,
    Path cacheDirectory,
    Optional<DownloadSite> download,
    Duration connectTimeout,
    String searchPath,
    Consumer<String> progress) {

  /**
   * Where releases are. In both, <code>{version}</code>, <code>{os}</code> and <code>{arch}</code>
   * are replaced.
   *
   * @param kubernetes the address of one program, with <code>{program}</code>; its checksum is at
   *     that address with {@code .sha512} or {@code .sha256} after it
   * @param etcd the address of etcd's archive; {@code SHA256SUMS} is beside it
   */
  public record DownloadSite(String kubernetes, String etcd) {
    /** Upstream's own. */
    public static final DownloadSite UPSTREAM =
        new DownloadSite(
            "https://dl.k8s.io/release/{version}/bin/{os}/{arch}/{program}",
            "https://github.com/etcd-io/etcd/releases/download/{version}/etcd-{version}-{os}-{arch}.tar.gz");

    /** Null-checks. */
    public DownloadSite {
      Objects.requireNonNull(kubernetes);
      Objects.requireNonNull(etcd);
    }

    URI kubernetes(String version, Platform platform, Program program) {
      return URI.create(
          platform.fill(kubernetes, version).replace("{program}", program.fileName()));
    }

    URI etcd(String version, Platform platform) {
      return URI.create(platform.fill(etcd, version));
    }
  }

  /** Null-checks. */
  public BinaryOptions {
    Objects.requireNonNull(kubernetes);
    Objects.requireNonNull(kubebuilderAssets);
    Objects.requireNonNull(cacheDirectory);
    Objects.requireNonNull(download);
    Objects.requireNonNull(connectTimeout);
    Objects.requireNonNull(searchPath);
    Objects.requireNonNull(progress);
  }

  /**
   * The options an environment asks for: {@code KUBEBUILDER_ASSETS}, {@code XDG_CACHE_HOME} or
   * {@code HOME}, {@code PATH}, and {@code COUNTERSIGN_KUBERNETES_URL} and {@code
   * COUNTERSIGN_ETCD_URL} (templates as in {@link DownloadSite}; {@code off} in the former to
   * download nothing, and to build where there is Go although there is an earlier download).
   */
  public static BinaryOptions fromEnvironment(
      Map<String, String> environment, Consumer<String> progress) {
    String url =
        environment.getOrDefault("COUNTERSIGN_KUBERNETES_URL", DownloadSite.UPSTREAM.kubernetes());
    String etcdUrl = environment.getOrDefault("COUNTERSIGN_ETCD_URL", DownloadSite.UPSTREAM.etcd());
    return new BinaryOptions(
        Optional.empty(),
        Optional.ofNullable(environment.get("KUBEBUILDER_ASSETS"))
            .filter(directory -> !directory.isBlank())
            .map(Path::of),
        cacheDirectory(environment),
        url.equals("off") ? Optional.empty() : Optional.of(new DownloadSite(url, etcdUrl)),
        Duration.ofSeconds(4),
        environment.getOrDefault("PATH", ""),
        progress);
  }

  /** The same for a release. */
  public BinaryOptions withKubernetes(KubernetesVersion version) {
    return new BinaryOptions(
        Optional.of(version),
        kubebuilderAssets,
        cacheDirectory,
        download,
        connectTimeout,
        searchPath,
        progress);
  }

  /** The same, but nothing is downloaded or built: what the cache has is found. */
  public BinaryOptions onlyCached() {
    return new BinaryOptions(
        kubernetes,
        kubebuilderAssets,
        cacheDirectory,
        Optional.empty(),
        connectTimeout,
        "",
        progress);
  }

  /** Countersign's cache directory by the XDG base directory specification. */
  private static Path cacheDirectory(Map<String, String> environment) {
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    // The specification: a relative path in it must be ignored.
    Path base =
        xdg.startsWith("/")
            ? Path.of(xdg)
            : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".cache");
    return base.resolve("countersign");
  }
}
