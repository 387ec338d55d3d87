package dev.countersign.testbed.binaries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each supported release is built from; {@code dev/upstream-modules} writes it. */
final class UpstreamModuleTest {
  private static final Path DIRECTORY = Path.of("upstream");

  static Stream<KubernetesVersion> supported() {
    return KubernetesReleases.supported().all().stream().map(KubernetesRelease::kubernetes);
  }

  @Test
  void sources_areEveryGoFileOfTheDirectory() throws IOException {
    try (Stream<Path> walk = Files.walk(DIRECTORY)) {
      assertThat(
              walk.filter(Files::isRegularFile)
                  .map(file -> DIRECTORY.relativize(file).toString())
                  .filter(name -> name.endsWith(".go") && !name.endsWith("_test.go")))
          .containsExactlyInAnyOrderElementsOf(UpstreamModule.SOURCES);
    }
  }

  @Test
  void versions_areThoseThatAreSupported() throws IOException {
    try (Stream<Path> directories = Files.list(DIRECTORY.resolve("versions"))) {
      assertThat(directories.map(directory -> directory.getFileName().toString()))
          .as("run dev/upstream-modules, or remove a directory of testbed/upstream/versions")
          .containsExactlyInAnyOrderElementsOf(
              supported().map(KubernetesVersion::majorMinor).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("supported")
  void module_pinsItsRelease(KubernetesVersion version, @TempDir Path copy) throws IOException {
    UpstreamModule module = new UpstreamModule(version);
    module.copyTo(copy);
    assertThat(Files.readAllLines(copy.resolve("go.mod")))
        .as("run dev/upstream-modules " + version.majorMinor())
        .contains("\tk8s.io/kubernetes " + version)
        .as("its etcd is of the minor version of releases.yaml")
        .anyMatch(line -> line.startsWith("\tgo.etcd.io/etcd/server/v3 " + etcdMinor(version)));
    assertThat(copy.resolve("go.sum")).content().contains("k8s.io/kubernetes " + version + " h1:");
    assertThat(copy.resolve("main.go")).hasSameBinaryContentAs(DIRECTORY.resolve("main.go"));
    assertThat(module.fingerprint())
        .matches("[0-9a-f]{12}")
        .isNotEqualTo(UpstreamModule.superviseFingerprint());
  }

  @Test
  void fingerprints_ofReleases_differ() {
    assertThat(supported().map(version -> new UpstreamModule(version).fingerprint()))
        .doesNotHaveDuplicates();
  }

  /** Such as {@code v3.6.}; the patch release is the one that Kubernetes' own module asks for. */
  private static String etcdMinor(KubernetesVersion version) {
    String etcd = KubernetesReleases.supported().nearest(version).etcd();
    return etcd.substring(0, etcd.lastIndexOf('.') + 1);
  }
}
