package dev.countersign.common.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions: what is read, how they compare, and Kubernetes' version skew policy. */
class KubernetesVersionTest {
  @ParameterizedTest
  @CsvSource({"v1.2.3, v1.2.3", "1.2.3, v1.2.3", "v1.20.0, v1.20.0", "v1.31.14, v1.31.14"})
  void parse_release_isAsKubernetesWritesIt(String text, String shown) {
    assertThat(KubernetesVersion.parse(text)).hasToString("Optional[" + shown + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v1",
        "v1.2",
        "1.2",
        "v1.2.3-rc.1",
        "v1.2.3+k3s1",
        "V1.2.3",
        "v1.02.3",
        " v1.2.3",
        "v1.2.3\n",
        "v1.2.99999"
      })
  void parse_anythingElse_isEmpty(String text) {
    assertThat(KubernetesVersion.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "v1.2.3, v1.2.3",
    "v1.2.3-arm64, v1.2.3",
    "1.2.3_build, v1.2.3",
    "v1.2.3+k3s1, v1.2.3",
    "v1.2.3-rc.1, v1.2.3"
  })
  void inTag_aRelease_isFound(String tag, String release) {
    assertThat(KubernetesVersion.inTag(tag)).hasToString("Optional[" + release + "]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", "build-0123456", "v1.2", "v1.2.3x", "build-v1.2.3"})
  void inTag_noRelease_isEmpty(String tag) {
    assertThat(KubernetesVersion.inTag(tag)).isEmpty();
  }

  @Test
  void order_isByNumber() {
    List<KubernetesVersion> versions =
        List.of(version("v2.0.0"), version("v1.10.1"), version("v1.9.11"), version("v1.9.2"));
    assertThat(versions.reversed()).isSorted();
  }

  @ParameterizedTest
  @CsvSource({
    "v1.8.0, v1.8.0, SUPPORTED",
    "v1.8.9, v1.8.0, SUPPORTED",
    "v1.5.0, v1.8.0, SUPPORTED",
    "v1.4.9, v1.8.0, TOO_OLD",
    "v1.9.0, v1.8.9, NEWER",
    "v2.0.0, v1.8.0, NEWER",
    "v1.8.0, v2.0.0, TOO_OLD"
  })
  void kubeletSkew_isKubernetesPolicy(String kubelet, String apiServer, VersionSkew skew) {
    assertThat(version(kubelet).kubeletSkew(version(apiServer))).isEqualTo(skew);
  }

  @Test
  void isAtLeast_comparesTheMinorVersion() {
    assertThat(version("v1.8.0").isAtLeast(8)).isTrue();
    assertThat(version("v1.8.0").isAtLeast(9)).isFalse();
    assertThat(version("v2.0.0").isAtLeast(9)).isTrue();
    assertThat(version("v0.9.0").isAtLeast(9)).isFalse();
  }

  private static KubernetesVersion version(String text) {
    return KubernetesVersion.parse(text).orElseThrow();
  }
}
