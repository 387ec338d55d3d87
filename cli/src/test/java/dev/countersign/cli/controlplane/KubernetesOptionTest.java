package dev.countersign.cli.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** What {@code --kubernetes} takes. */
final class KubernetesOptionTest {
  private static final KubernetesReleases SUPPORTED = KubernetesReleases.supported();

  private final KubernetesOption.Converter converter = new KubernetesOption.Converter();

  @Test
  void release_orItsMinorVersion_isTaken() {
    KubernetesVersion oldest = SUPPORTED.oldest();
    assertThat(converter.convert(oldest.toString())).isEqualTo(oldest);
    assertThat(converter.convert(oldest.majorMinor())).isEqualTo(oldest);
    assertThat(converter.convert("v" + oldest.majorMinor())).isEqualTo(oldest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "latest", "1.20", "v1.20.0", "1", "v1.31.99"})
  void anythingElse_isRefusedWithTheList(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageStartingWith("got \"" + text + "\"; want one of " + SUPPORTED.list());
  }

  @Test
  void candidates_areTheSupportedMinorVersions() {
    assertThat(new KubernetesOption.Tested())
        .startsWith(SUPPORTED.oldest().majorMinor())
        .endsWith(SUPPORTED.newest().majorMinor())
        .hasSameSizeAs(SUPPORTED.all());
  }
}
