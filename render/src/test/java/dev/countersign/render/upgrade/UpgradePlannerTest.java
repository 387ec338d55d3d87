package dev.countersign.render.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.AssetPath;
import dev.countersign.render.AssetTree;
import dev.countersign.render.RenderOptions;
import dev.countersign.render.Renderer;
import dev.countersign.render.SeededEntropy;
import dev.countersign.render.Specs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.render.upgrade.UpgradePlan.ImageChange;
import dev.countersign.render.upgrade.UpgradePlan.Step;
import dev.countersign.testkit.GoldenFiles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster rendered, its version changed, rendered again. */
class UpgradePlannerTest {
  private static final KubernetesReleases RELEASES = KubernetesReleases.supported();

  private static final String NODES = nodes(OperatingSystem.FEDORA_COREOS);

  private static final String DIGEST =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private static final String UNTESTED = "allowUntestedKubernetesVersion: true\n";

  private static String nodes(OperatingSystem os) {
    return Specs.withNodes(Platform.BARE_METAL, os)
        .replace("  kubeletImageOverride: " + Specs.KUBELET_IMAGE + "\n", "");
  }

  private static Optional<UpgradePlan> plan(String before, String after) {
    Map<String, String> files = Specs.texts(Specs.render(before));
    ClusterSpec spec = Specs.parse(after);
    AssetTree tree =
        Renderer.render(
                spec,
                Specs.existing(files),
                new SeededEntropy("other"),
                Specs.NOW,
                RenderOptions.defaults())
            .orThrow();
    Set<AssetPath> changed = new TreeSet<>();
    Specs.texts(tree)
        .forEach(
            (path, text) -> {
              if (!text.equals(files.get(path))) {
                changed.add(AssetPath.of(path));
              }
            });
    RenderedImages rendered =
        RenderedImages.parse(files.getOrDefault("outputs.json", "")).orElseThrow();
    return UpgradePlanner.plan(spec, rendered, tree, changed);
  }

  private static UpgradePlan upgrade(String from, String to) {
    return plan(
            NODES + UNTESTED + "kubernetesVersion: " + from + "\n",
            NODES + UNTESTED + "kubernetesVersion: " + to + "\n")
        .orElseThrow();
  }

  @Test
  void plan_isInTheOrderOfTheSkewPolicy_andKeepsEveryIdentity() {
    KubernetesRelease from = RELEASES.ofMinor(new KubernetesVersion(1, 33, 0)).orElseThrow();
    KubernetesRelease to = RELEASES.ofMinor(new KubernetesVersion(1, 34, 0)).orElseThrow();
    UpgradePlan plan = upgrade(from.kubernetes().toString(), to.kubernetes().toString());
    String text = String.join("\n", plan.lines()) + "\n";
    for (ContainerImage image : ContainerImage.values()) {
      text =
          text.replace(image.of(from), image.repository() + ":{from}")
              .replace(image.of(to), image.repository() + ":{to}");
    }
    GoldenFiles.in("src/test/golden")
        .assertMatches(
            "upgrade-plan.txt",
            text.replace(from.kubernetes().toString(), "{from}")
                .replace(to.kubernetes().toString(), "{to}"));
    assertThat(plan.reissued()).isEmpty();
    assertThat(plan.others()).isEmpty();
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void withoutMachines_thePlanNamesWhatItKnows() {
    UpgradePlan plan =
        plan(
                Specs.MINIMAL + "kubernetesVersion: v1.36.3\n",
                Specs.MINIMAL + "kubernetesVersion: v1.36.4\n")
            .orElseThrow();
    assertThat(plan.steps())
        .extracting(Step::title)
        .noneMatch(title -> title.startsWith("etcd"))
        .last()
        .isEqualTo("kubelet of the workers");
    assertThat(plan.steps().getFirst().machines()).containsExactly("node1.example.com");
    assertThat(plan.steps().getLast().machines()).containsExactly("each worker");
  }

  @Test
  void whatChangesForAnotherReason_isSetApart() {
    UpgradePlan plan =
        plan(
                NODES + "kubernetesVersion: v1.35.4\n",
                NODES.replace("192.0.2.5]", "192.0.2.6]")
                    + "kubernetesVersion: v1.36.3\n"
                    + "clusterDomainSuffix: example.internal\n")
            .orElseThrow();
    assertThat(plan.reissued()).hasToString("[tls/k8s/apiserver.crt]");
  }

  @Test
  void kubeletsThatAreHeldBack_areNoStep() {
    String held = NODES + "containerImages: {kubelet: r.example/kubelet:v1.35.4}\n";
    UpgradePlan plan =
        plan(held + "kubernetesVersion: v1.35.4\n", held + "kubernetesVersion: v1.36.3\n")
            .orElseThrow();
    assertThat(plan.steps()).extracting(Step::title).noneMatch(title -> title.contains("kubelet"));
    assertThat(plan.others()).isEmpty();
  }

  /** The system's etcd-member.service puts its image together from two variables. */
  @ParameterizedTest
  @CsvSource({
    "r.example/etcd:v3.6.16, docker://r.example/etcd, v3.6.16",
    "r.example/etcd@sha256:" + DIGEST + ", docker://r.example/etcd@sha256, " + DIGEST,
  })
  void containerLinux_getsTheWholeImageOfEtcd(String image, String url, String tag) {
    String nodes = nodes(OperatingSystem.CONTAINER_LINUX);
    UpgradePlan plan =
        plan(
                nodes + "kubernetesVersion: v1.35.4\n",
                nodes
                    + "kubernetesVersion: v1.36.3\n"
                    + "containerImages: {etcd: \"%s\"}\n".formatted(image))
            .orElseThrow();
    assertThat(plan.steps().get(1).actions().getFirst())
        .isEqualTo(
            "systemctl edit etcd-member.service, section [Service]: Environment=ETCD_IMAGE_TAG="
                + tag
                + " ETCD_IMAGE_URL="
                + url);
  }

  @Test
  void addOnsThatAreNotDeployed_haveNoImage() {
    String without = NODES + "components: {kubeProxy: {enable: false}}\n";
    UpgradePlan plan =
        plan(without + "kubernetesVersion: v1.35.4\n", without + "kubernetesVersion: v1.36.3\n")
            .orElseThrow();
    assertThat(plan.steps())
        .filteredOn(step -> step.title().equals("Add-ons"))
        .singleElement()
        .satisfies(
            step ->
                assertThat(step.images())
                    .extracting(ImageChange::component)
                    .containsExactly("coredns"));
  }

  @Test
  void theSameVersion_isNoUpgrade() {
    assertThat(plan(NODES, NODES + "enableAggregation: false\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1.33.13|v1.35.4|Kubernetes is upgraded by one minor version at a time; render and roll"
            + " out first v1.34.4",
        "v1.29.14|v1.31.14|Kubernetes is upgraded by one minor version at a time; render and roll"
            + " out first v1.30",
        "v1.28.15|v1.33.13|Kubernetes is upgraded by one minor version at a time; render and roll"
            + " out first v1.29, then v1.30, then v1.31.14, then v1.32.13",
        "v1.36.3|v2.0.0|Kubernetes is upgraded by one minor version at a time",
        "v1.36.3|v1.35.4|Kubernetes cannot go back from 1.36 to 1.35; restore etcd from a backup of"
            + " that version",
      })
  void warnings_sayWhatKubernetesDoesNotSupport(String from, String to, String warning) {
    assertThat(upgrade(from, to).warnings()).containsExactly(warning);
  }

  @ParameterizedTest
  @CsvSource({
    "v3.5.31, v3.6.16, v3.5.32",
    "v3.5.32, v3.6.16,",
    "v3.6.10, v3.7.0, v3.6.11",
    "v3.6.11, v3.7.0,",
  })
  void warnings_sayWhichEtcdMustComeFirst(String from, String to, @Nullable String least) {
    String etcd = "containerImages: {etcd: quay.io/coreos/etcd:%s}\n";
    UpgradePlan plan =
        plan(
                NODES + "kubernetesVersion: v1.35.4\n" + etcd.formatted(from),
                NODES + "kubernetesVersion: v1.36.3\n" + etcd.formatted(to))
            .orElseThrow();
    assertThat(plan.warnings())
        .isEqualTo(
            least == null
                ? List.of()
                : List.of(
                    "etcd %s: bring every member to %s or a later patch release first, by containerImages.etcd"
                        .formatted(from, least)));
  }

  /** What countersign renders can be upgraded by one minor version without a warning. */
  @Test
  void everyReleaseCanBeUpgradedToTheNext() {
    List<KubernetesVersion> versions =
        RELEASES.all().stream().map(each -> each.kubernetes()).toList();
    for (int i = 1; i < versions.size(); i++) {
      UpgradePlan plan = upgrade(versions.get(i - 1).toString(), versions.get(i).toString());
      assertThat(plan.warnings()).as("%s", plan.to()).isEmpty();
    }
  }

  @Test
  void outputsOfAnEarlierCountersign_recordNoVersion() {
    assertThat(RenderedImages.parse("{\"cluster_name\": \"mercury\"}")).isEmpty();
    assertThat(RenderedImages.parse("not: [json")).isEmpty();
    assertThat(
            RenderedImages.parse(
                "{\"kubernetes_version\": \"v1.36.3\", \"container_images\": {\"etcd\":"
                    + " \"\\u001b[31m\"}}"))
        .hasValueSatisfying(each -> assertThat(each.images()).isEmpty());
  }
}
