package dev.countersign.common.kubernetes;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of a Kubernetes release, such as {@code v1.2.3}.
 *
 * @param major 1 for every release so far
 * @param minor what compatibility is counted in
 * @param patch fixes only
 */
public record KubernetesVersion(int major, int minor, int patch)
    implements Comparable<KubernetesVersion> {

  /**
   * How many minor versions a kubelet may be older than the API server (Kubernetes' version skew
   * policy, since 1.28).
   */
  public static final int OLDEST_KUBELET = 3;

  private static final String NUMBER = "(0|[1-9][0-9]{0,3})";
  private static final Pattern RELEASE =
      Pattern.compile("v?" + NUMBER + "\\." + NUMBER + "\\." + NUMBER);
  // A tag can't hold a plus sign, so distributions write v1.2.3-build or v1.2.3_build.
  private static final Pattern TAG = Pattern.compile("(" + RELEASE.pattern() + ")(?:[-_.+].*)?");

  private static final Comparator<KubernetesVersion> ORDER =
      Comparator.comparingInt(KubernetesVersion::major)
          .thenComparingInt(KubernetesVersion::minor)
          .thenComparingInt(KubernetesVersion::patch);

  public KubernetesVersion {
    if (major < 0 || minor < 0 || patch < 0) {
      throw new IllegalArgumentException("a version must not have negative numbers");
    }
  }

  /** Reads a release; the {@code v} may be left out, as in kubeadm's {@code kubernetesVersion}. */
  public static Optional<KubernetesVersion> parse(String text) {
    Matcher release = RELEASE.matcher(text);
    return release.matches()
        ? Optional.of(
            new KubernetesVersion(
                Integer.parseInt(release.group(1)),
                Integer.parseInt(release.group(2)),
                Integer.parseInt(release.group(3))))
        : Optional.empty();
  }

  /**
   * The release that an image's tag or a program's {@code gitVersion} starts with: {@code
   * v1.2.3-arm64}, {@code v1.2.3+k3s1}.
   */
  public static Optional<KubernetesVersion> inTag(String text) {
    Matcher tag = TAG.matcher(text);
    return tag.matches() ? parse(tag.group(1)) : Optional.empty();
  }

  /** The version without its patch number, such as {@code 1.2}. */
  public String majorMinor() {
    return major + "." + minor;
  }

  /** Whether both are patch releases of one minor version. */
  public boolean sameMinor(KubernetesVersion other) {
    return major == other.major && minor == other.minor;
  }

  /** Whether this is a release of the given minor version of Kubernetes 1, or of a newer one. */
  public boolean isAtLeast(int oneDot) {
    return major > 1 || (major == 1 && minor >= oneDot);
  }

  /** Whether a kubelet of this version works with an API server of another. */
  public VersionSkew kubeletSkew(KubernetesVersion apiServer) {
    return skew(apiServer, OLDEST_KUBELET);
  }

  /**
   * Whether a component of this version works with an API server of another.
   *
   * @param oldest how many minor versions the component may be older
   */
  public VersionSkew skew(KubernetesVersion apiServer, int oldest) {
    if (major != apiServer.major) {
      return major > apiServer.major ? VersionSkew.NEWER : VersionSkew.TOO_OLD;
    }
    if (minor > apiServer.minor) {
      return VersionSkew.NEWER;
    }
    return apiServer.minor - minor > oldest ? VersionSkew.TOO_OLD : VersionSkew.SUPPORTED;
  }

  @Override
  public int compareTo(KubernetesVersion other) {
    return ORDER.compare(this, other);
  }

  /** As Kubernetes writes it, {@code v1.2.3}. */
  @Override
  public String toString() {
    return "v" + major + "." + minor + "." + patch;
  }
}
