package dev.countersign.common.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import org.junit.jupiter.api.Test;

/** The one file of releases, and its reader. */
class KubernetesReleasesTest {
  private static final String ONE =
      "etcd: v3.0.0, coredns: v1.0.0, pause: '3', flannel: v0.1.0, flannelCni: v0.1.0}";

  @Test
  void supported_isReadAndItsDefaultIsOneOfThem() {
    KubernetesReleases releases = KubernetesReleases.supported();
    assertThat(releases.all()).extracting(KubernetesRelease::kubernetes).isSorted();
    assertThat(releases.ofMinor(releases.byDefault()))
        .map(KubernetesRelease::kubernetes)
        .contains(releases.byDefault());
    assertThat(releases.range())
        .isEqualTo(releases.oldest().majorMinor() + " to " + releases.newest().majorMinor());
  }

  @Test
  void ofMinor_outsideOfTheRange_isEmpty() {
    assertThat(KubernetesReleases.supported().ofMinor(new KubernetesVersion(1, 20, 0))).isEmpty();
  }

  @Test
  void nearest_hasWhatBelongsToTheNearestSupportedRelease() {
    KubernetesReleases releases = KubernetesReleases.supported();
    KubernetesRelease newest = releases.all().getLast();
    KubernetesVersion newer = new KubernetesVersion(1, 99, 7);
    KubernetesVersion older = new KubernetesVersion(1, 20, 3);
    KubernetesVersion patch =
        new KubernetesVersion(1, newest.kubernetes().minor(), newest.kubernetes().patch() + 1);
    assertThat(releases.nearest(newer)).isEqualTo(newest.withKubernetes(newer));
    assertThat(releases.nearest(patch)).isEqualTo(newest.withKubernetes(patch));
    assertThat(releases.nearest(older)).isEqualTo(releases.all().getFirst().withKubernetes(older));
  }

  @Test
  void parseOption_takesAReleaseOrAMinorVersion() {
    KubernetesReleases releases = KubernetesReleases.supported();
    KubernetesVersion oldest = releases.oldest();
    assertThat(releases.parseOption(oldest.majorMinor())).contains(oldest);
    assertThat(releases.parseOption("v" + oldest.majorMinor())).contains(oldest);
    assertThat(releases.parseOption("v1.35.1")).contains(new KubernetesVersion(1, 35, 1));
    assertThat(releases.parseOption("v1.20")).isEmpty();
    assertThat(releases.parseOption("newest")).isEmpty();
  }

  @Test
  void aGap_isRefused() {
    assertThat(
            errors(
                "{default: v1.1.0, releases: [{kubernetes: v1.1.0, "
                    + ONE
                    + ", {kubernetes: v1.3.0, "
                    + ONE
                    + "]}"))
        .isEqualTo(
            "releases[1].kubernetes (line 1): got v1.3.0; want the minor version after v1.1.0");
  }

  @Test
  void aDefaultThatIsNotListed_isRefused() {
    assertThat(errors("{default: v1.2.0, releases: [{kubernetes: v1.1.0, " + ONE + "]}"))
        .isEqualTo("default (line 1): got v1.2.0; want one of the releases");
  }

  @Test
  void aReleaseWithoutItsVersion_isRefused() {
    assertThat(
            errors("{default: v1.1.0, releases: [{kubernetes: v1.1.0, " + ONE + ", {" + ONE + "]}"))
        .isEqualTo("releases[1].kubernetes (line 1): got nothing; want a release such as v1.2.3");
  }

  @Test
  void aFileWithoutADefault_isRefusedOnce() {
    assertThat(errors("{releases: [{kubernetes: v1.1.0, " + ONE + "]}"))
        .isEqualTo("default (line 1): got nothing; want one of the releases");
  }

  private static String errors(String yaml) {
    return KubernetesReleases.parse(yaml) instanceof ParseResult.Refused<KubernetesReleases> refused
        ? refused.message()
        : "none";
  }
}
