package dev.countersign.cluster.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broken kubeconfig is named, and nothing of what it holds is. */
class ChosenConfigTest {
  private static final String FABRIC8_ASKS_FIRST = "kubeconfig";
  private static final ClusterAccess.Options AS_KUBECTL_LOOKS =
      new ClusterAccess.Options(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir private Path folder = Path.of(".");
  private @Nullable String before;

  @BeforeEach
  void remember() {
    before = System.getProperty(FABRIC8_ASKS_FIRST);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(FABRIC8_ASKS_FIRST);
    } else {
      System.setProperty(FABRIC8_ASKS_FIRST, before);
    }
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static ClusterAccess.Options given(Path kubeconfig) {
    return new ClusterAccess.Options(
        Optional.of(kubeconfig), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static void isNamed(ClusterAccess.Options options, Path broken) {
    IllegalArgumentException refused =
        catchThrowableOfType(
            IllegalArgumentException.class, () -> ClusterAccess.open(options).close());
    assertThat(refused)
        .hasMessageStartingWith(broken + ": got text that is no kubeconfig; want ")
        .hasMessageNotContaining("c2VjcmV0")
        .hasNoCause();
  }

  @Test
  void brokenOneOfSeveral_isTheOneThatIsNamed() throws IOException {
    Path good =
        file(
            "good.conf",
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: rack, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: ada, user: {token: t}}]
            contexts: [{name: here, context: {cluster: rack, user: ada}}]
            current-context: here
            """);
    Path broken = file("broken.conf", "users: [{name: ada, user: {token: c2VjcmV0");
    System.setProperty(FABRIC8_ASKS_FIRST, good + File.pathSeparator + broken);
    isNamed(AS_KUBECTL_LOOKS, broken);
    System.setProperty(FABRIC8_ASKS_FIRST, good.toString());
    try (ClusterAccess cluster = ClusterAccess.open(AS_KUBECTL_LOOKS)) {
      assertThat(cluster.server()).hasToString("http://127.0.0.1:1");
    }
  }

  @Test
  void fileOfAnotherForm_isNamed() throws IOException {
    isNamed(given(file("a.conf", "users: c2VjcmV0\n")), folder.resolve("a.conf"));
    isNamed(given(file("b.conf", "- c2VjcmV0\n")), folder.resolve("b.conf"));
    isNamed(given(file("c.conf", "{ c2VjcmV0")), folder.resolve("c.conf"));
    isNamed(given(file("d.conf", "")), folder.resolve("d.conf"));
  }
}
