package dev.countersign.common.kubernetes;

import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The releases that countersign supports and is tested with: one for each minor version, oldest
 * first, without a gap.
 */
public final class KubernetesReleases {
  private final List<KubernetesRelease> releases;
  private final KubernetesRelease byDefault;

  private KubernetesReleases(List<KubernetesRelease> releases, KubernetesRelease byDefault) {
    this.releases = releases;
    this.byDefault = byDefault;
  }

  /** Those of {@code releases.yaml}. */
  public static KubernetesReleases supported() {
    return Supported.RELEASES;
  }

  private static final class Supported {
    static final KubernetesReleases RELEASES = load();

    private static KubernetesReleases load() {
      try (InputStream in =
          Objects.requireNonNull(
              KubernetesReleases.class.getResourceAsStream("releases.yaml"), "releases.yaml")) {
        return switch (parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
          case ParseResult.Parsed<KubernetesReleases>(KubernetesReleases read) -> read;
          case ParseResult.Refused<KubernetesReleases> refused ->
              throw new IllegalStateException("releases.yaml: " + refused.message());
        };
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static ParseResult<KubernetesReleases> parse(String yaml) {
    return Fields.read(yaml, Documents.LONGEST_SETTINGS, KubernetesReleases::read);
  }

  private static Optional<KubernetesReleases> read(Fields fields) {
    String named = fields.required("default", "one of the releases");
    List<KubernetesRelease> releases = new ArrayList<>();
    for (Fields each : fields.children("releases")) {
      release(each)
          .ifPresent(
              release -> {
                if (!releases.isEmpty()
                    && !follows(releases.getLast().kubernetes(), release.kubernetes())) {
                  each.wrong(
                      "kubernetes",
                      release.kubernetes().toString(),
                      "the minor version after " + releases.getLast().kubernetes());
                }
                releases.add(release);
              });
      each.end();
    }
    Optional<KubernetesRelease> byDefault =
        releases.stream().filter(each -> each.kubernetes().toString().equals(named)).findFirst();
    if (byDefault.isEmpty() && !named.isEmpty()) {
      fields.wrong("default", named, "one of the releases");
    }
    return byDefault.map(found -> new KubernetesReleases(List.copyOf(releases), found));
  }

  private static Optional<KubernetesRelease> release(Fields fields) {
    Optional<KubernetesVersion> version =
        fields.required("kubernetes", "a release such as v1.2.3", KubernetesVersion::parse);
    String want = "the tag of an image";
    String etcd = fields.required("etcd", want);
    String coredns = fields.required("coredns", want);
    String pause = fields.required("pause", want);
    String flannel = fields.required("flannel", want);
    String flannelCni = fields.required("flannelCni", want);
    return version.map(
        kubernetes -> new KubernetesRelease(kubernetes, etcd, coredns, pause, flannel, flannelCni));
  }

  private static boolean follows(KubernetesVersion older, KubernetesVersion newer) {
    return newer.major() == older.major() && newer.minor() == older.minor() + 1;
  }

  /** All of them, oldest first. */
  public List<KubernetesRelease> all() {
    return releases;
  }

  /** What is used where no version is named, with what belongs to it. */
  public KubernetesRelease defaultRelease() {
    return byDefault;
  }

  /** What is used where no version is named. */
  public KubernetesVersion byDefault() {
    return byDefault.kubernetes();
  }

  /** The oldest one. */
  public KubernetesVersion oldest() {
    return releases.getFirst().kubernetes();
  }

  /** The newest one. */
  public KubernetesVersion newest() {
    return releases.getLast().kubernetes();
  }

  /** The range in words, {@code 1.2 to 1.8}. */
  public String range() {
    return oldest().majorMinor() + " to " + newest().majorMinor();
  }

  /** The release of exactly that version; empty for one that is not tested. */
  public Optional<KubernetesRelease> tested(KubernetesVersion version) {
    return releases.stream().filter(each -> each.kubernetes().equals(version)).findFirst();
  }

  /** The releases that are tested, for messages: {@code v1.2.3, v1.3.5}. */
  public String list() {
    return releases.stream()
        .map(each -> each.kubernetes().toString())
        .collect(Collectors.joining(", "));
  }

  /**
   * The release of a version's minor version; its patch number may differ from the given one.
   *
   * @return empty for a minor version outside of {@link #range}
   */
  public Optional<KubernetesRelease> ofMinor(KubernetesVersion version) {
    return releases.stream().filter(each -> each.kubernetes().sameMinor(version)).findFirst();
  }

  /**
   * A version with what belongs to its minor version. Outside of {@link #range} that is a guess:
   * what belongs to the nearest supported one.
   */
  public KubernetesRelease nearest(KubernetesVersion version) {
    return closest(version).withKubernetes(version);
  }

  /** The supported release of a version's minor version, or else of the closest one. */
  public KubernetesRelease closest(KubernetesVersion version) {
    return ofMinor(version)
        .orElse(version.compareTo(oldest()) < 0 ? releases.getFirst() : releases.getLast());
  }

  /**
   * Reads what a command's option names: a release, or a minor version ({@code 1.35}), which stands
   * for the patch release that is tested.
   */
  public Optional<KubernetesVersion> parseOption(String text) {
    String bare = text.startsWith("v") ? text.substring(1) : text;
    return releases.stream()
        .map(KubernetesRelease::kubernetes)
        .filter(each -> each.majorMinor().equals(bare))
        .findFirst()
        .or(() -> KubernetesVersion.parse(text));
  }
}
