package dev.countersign.render.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.ExistingSecrets;
import dev.countersign.render.RenderOptions;
import dev.countersign.render.Renderer;
import dev.countersign.render.Rendering;
import dev.countersign.render.SeededEntropy;
import dev.countersign.render.Specs;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubernetesVersion}, and which versions a spec may set beside each other. */
class KubernetesVersionInSpecTest {
  private static final KubernetesReleases RELEASES = KubernetesReleases.supported();
  private static final String IN_RANGE = "kubernetesVersion: v1.35.4\n";

  private static List<String> problems(String more) {
    return ClusterSpecTest.problems(Specs.MINIMAL + more);
  }

  private static List<String> notes(String more) {
    return Renderer.render(
                Specs.parse(Specs.MINIMAL + more),
                ExistingSecrets.none(),
                new SeededEntropy("a"),
                Specs.NOW,
                new RenderOptions(false, false, true))
            instanceof Rendering.Rendered rendered
        ? rendered.notes()
        : List.of();
  }

  @Test
  void leftOut_isTheDefaultRelease() {
    assertThat(Specs.parse(Specs.MINIMAL).release()).isEqualTo(RELEASES.defaultRelease());
  }

  @Test
  void aPatchReleaseOfASupportedMinor_hasWhatBelongsToIt() {
    KubernetesVersion newer = new KubernetesVersion(1, 35, 99);
    ClusterSpec spec = Specs.parse(Specs.MINIMAL + "kubernetesVersion: 1.35.99\n");
    assertThat(spec.release())
        .isEqualTo(RELEASES.ofMinor(newer).orElseThrow().withKubernetes(newer));
    assertThat(spec.image(ContainerImage.KUBE_APISERVER))
        .isEqualTo("registry.k8s.io/kube-apiserver:v1.35.99");
    assertThat(spec.image(ContainerImage.KUBELET)).isEqualTo("quay.io/poseidon/kubelet:v1.35.99");
    assertThat(spec.image(ContainerImage.ETCD))
        .isEqualTo("quay.io/coreos/etcd:" + spec.release().etcd());
  }

  @Test
  void aMinorVersionAlone_isRefusedWithTheReleaseThatIsMeant() {
    KubernetesVersion oldest = RELEASES.oldest();
    assertThat(problems("kubernetesVersion: " + oldest.majorMinor() + "\n"))
        .containsExactly(
            "kubernetesVersion (line 6): got %s; want a release of Kubernetes such as %s; did you mean \"%s\"?"
                .formatted(oldest.majorMinor(), RELEASES.byDefault(), oldest));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.30.14", "v1.99.0", "v2.0.0"})
  void outsideOfTheRange_isRefusedWithTheRange(String version) {
    assertThat(problems("kubernetesVersion: " + version + "\n"))
        .containsExactly(
            ("kubernetesVersion (line 6): got \"%s\"; want a release of Kubernetes %s, which are"
                    + " tested; allowUntestedKubernetesVersion: true renders another one as the"
                    + " nearest of these")
                .formatted(version, RELEASES.range()));
  }

  @Test
  void outsideOfTheRange_isRenderedWithAWarningWhereTheSpecSaysSo() {
    assertThat(notes("kubernetesVersion: v1.99.0\nallowUntestedKubernetesVersion: true\n"))
        .anySatisfy(
            note ->
                assertThat(note)
                    .isEqualTo(
                        ("kubernetesVersion: v1.99.0 is not tested, only Kubernetes %s is; the"
                                + " images of etcd and CoreDNS are those of %s")
                            .formatted(RELEASES.range(), RELEASES.newest())));
    assertThat(notes("allowUntestedKubernetesVersion: true\n"))
        .noneMatch(note -> note.contains("not tested"));
  }

  @Test
  void before131_kubeProxyDoesNotAskForAModeItDoesNotHave() {
    String old = "kubernetesVersion: v1.30.14\nallowUntestedKubernetesVersion: true\n";
    assertThat(Specs.texts(Specs.render(Specs.MINIMAL + old)))
        .extractingByKey("manifests/kube-proxy/kube-proxy.yaml")
        .asString()
        .contains("--proxy-mode=iptables");
  }

  /** One image apart from kubernetesVersion v1.35.4. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kubelet: r.example/kubelet:v1.32.0|",
        "kubelet: r.example/kubelet:v1.35.99-arm64|",
        "kubelet: r.example/kubelet:v1.36.0|1.32 to 1.35, as kube-apiserver is v1.35.4; upgrade the"
            + " API",
        "kubelet: r.example/kubelet:v1.31.9|1.32 to 1.35, as kube-apiserver is v1.35.4; upgrade"
            + " what",
        "kubelet: r.example/kubelet:mine|",
        "kubelet: r.example:5000/kubelet@sha256:"
            + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef|",
        "kubeProxy: r.example/kube-proxy:v1.32.1|",
        "kubeProxy: r.example/kube-proxy:v1.36.1|1.32 to 1.35",
        "kubeScheduler: r.example/kube-scheduler:v1.34.1|",
        "kubeScheduler: r.example/kube-scheduler:v1.33.1|1.34 to 1.35",
        "kubeControllerManager: r.example/kube-controller-manager:v1.36.1|1.34 to 1.35",
        "kubeApiserver: r.example/kube-apiserver:v1.36.1|",
        "kubeApiserver: r.example/kube-apiserver:v1.34.1|a version that works with v1.35.4",
        "kubeApiserver: r.example/kube-apiserver:v1.37.1|set kubernetesVersion: v1.37.1",
      })
  void skew_ofAnImage(String image, @Nullable String problem) {
    List<String> problems = problems(IN_RANGE + "containerImages: {" + image + "}\n");
    if (problem == null) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems)
          .singleElement()
          .asString()
          .startsWith(
              "containerImages." + image.substring(0, image.indexOf(':')) + " (line 7): got ")
          .contains(problem);
    }
  }

  @Test
  void skew_ofTheImageOverride_isFoundInTheSpecAndOnTheCommandLine() {
    String nodes = Specs.withNodes(Platform.AWS, OperatingSystem.FEDORA_COREOS);
    String newer = nodes.replace(Specs.KUBELET_IMAGE, "r.example/kubelet:v1.36.0") + IN_RANGE;
    assertThat(ClusterSpecTest.problems(newer))
        .singleElement()
        .asString()
        .startsWith(
            "nodes.kubeletImageOverride (line 10): got \"r.example/kubelet:v1.36.0\"; want a tag"
                + " of");
    String none = nodes.replace("  kubeletImageOverride: " + Specs.KUBELET_IMAGE + "\n", "");
    assertThat(ClusterSpec.parseWithKubeletImage(none + IN_RANGE, "r.example/kubelet:v1.31.0"))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            rejected ->
                assertThat(rejected.message().lines())
                    .singleElement()
                    .asString()
                    .startsWith("--kubelet-image: got "));
  }

  private static final String CONTAINER_LINUX =
      """
      nodes:
        platform: digital-ocean
        os: container-linux
        sshAuthorizedKeys: []
        controllers: [{name: one}]
      """;

  @Test
  void containerLinux_isToldThatItsKubeletIsTooOld() {
    assertThat(notes(CONTAINER_LINUX))
        .anyMatch(note -> note.startsWith("nodes.os: container-linux runs a kubelet of v1.18.5"));
  }

  @Test
  void containerLinux_isToldTheApiServerThatTheSpecNames() {
    String named =
        IN_RANGE + "containerImages: {kubeApiserver: 'r.example/kube-apiserver:v1.36.1'}\n";
    assertThat(notes(CONTAINER_LINUX + named))
        .anyMatch(note -> note.contains("which does not work with kube-apiserver v1.36.1;"));
  }
}
