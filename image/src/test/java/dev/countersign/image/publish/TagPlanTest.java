package dev.countersign.image.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TagPlanTest {
  private static final Set<Architecture> BOTH = Set.of(Architecture.values());
  private static final TagPlan.Build RELEASE =
      new TagPlan.Build(Optional.empty(), Optional.empty(), true);

  @TempDir Path directory;

  @Test
  void kubelet_hasIndexAndPlatformAndBuildTags() {
    TagPlan plan =
        TagPlan.of(
            TagScheme.KUBELET,
            "v1.2.3",
            BOTH,
            new TagPlan.Build(Optional.of("0123456789ab"), Optional.of("v1.2.3"), true));
    assertThat(plan.platformTags().keySet())
        .containsExactlyInAnyOrder("v1.2.3-amd64", "v1.2.3-arm64");
    assertThat(plan.indexTags()).containsExactly("build-0123456", "build-v1.2.3", "v1.2.3");
  }

  @Test
  void semver_setsMovingTagsLast_andNotForPrereleases() {
    assertThat(TagPlan.of(TagScheme.SEMVER, "0.1.3", BOTH, RELEASE).indexTags())
        .containsExactly("0.1.3", "0.1", "latest");
    assertThat(TagPlan.of(TagScheme.SEMVER, "0.2.0-rc.1", BOTH, RELEASE).indexTags())
        .containsExactly("0.2.0-rc.1");
  }

  @Test
  void branch_hasBuildTagsOnly() {
    TagPlan plan =
        TagPlan.of(
            TagScheme.KUBELET,
            "v1.2.3",
            BOTH,
            new TagPlan.Build(Optional.empty(), Optional.of("main"), false));
    assertThat(plan.platformTags()).isEmpty();
    assertThat(plan.indexTags()).containsExactly("build-main");
    assertThatThrownBy(
            () ->
                TagPlan.of(
                    TagScheme.KUBELET,
                    "v1",
                    BOTH,
                    new TagPlan.Build(Optional.empty(), Optional.empty(), false)))
        .isInstanceOf(ImageException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kubelet", "you/kubelet", "quay.io/", "quay.io/You/x", "quay.io/a/../b", "-x.y/z"})
  void repository_unclear_isRefused(String text) {
    assertThatThrownBy(() -> Repository.parse(text)).isInstanceOf(ImageException.class);
  }

  @Test
  void credentials_areFoundByTheMostSpecificKey_andNeverPrinted() throws IOException {
    Path file = directory.resolve("auth.json");
    // YTpvdXRlcg== is a:outer, YTppbm5lcg== is a:inner
    Files.writeString(
        file,
        """
        {"auths": {"quay.io": {"auth": "YTpvdXRlcg=="},
                   "quay.io/you": {"auth": "YTppbm5lcg=="}}}
        """);
    var store = new CredentialStore(List.of(directory.resolve("absent.json"), file));
    Credentials inner = store.find(Repository.parse("quay.io/you/kubelet")).orElseThrow();
    Credentials outer = store.find(Repository.parse("quay.io/them/kubelet")).orElseThrow();
    assertThat(inner.basicHeader()).isEqualTo("Basic YTppbm5lcg==");
    assertThat(outer.basicHeader()).isEqualTo("Basic YTpvdXRlcg==");
    assertThat(inner).hasToString("Credentials[redacted]");
    assertThat(store.find(Repository.parse("ghcr.io/you/kubelet"))).isEmpty();
  }

  @Test
  void authFile_unreadable_isRefusedWithoutItsContent() throws IOException {
    Path file = directory.resolve("auth.json");
    Files.writeString(file, "{\"auths\": {\"quay.io\": {\"auth\": \"c2VjcmV0OnNlY3JldA==\" oops");
    var store = new CredentialStore(List.of(file));
    assertThatThrownBy(() -> store.find(Repository.parse("quay.io/you/kubelet")))
        .isInstanceOf(ImageException.class)
        .hasMessageNotContaining("c2Vj");
  }
}
