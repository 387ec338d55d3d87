package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code image lock --kubernetes}, with the control plane's spec, which needs no archive. */
class LockImageTest {
  private static final KubernetesReleases RELEASES = KubernetesReleases.supported();

  @TempDir private Path folder = Path.of(".");

  private record Result(int status, String err) {}

  private Result lock(String... more) throws IOException {
    Path inputs = Files.createDirectories(folder.resolve("inputs/amd64"));
    for (String program :
        List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")) {
      Files.writeString(inputs.resolve(program), program);
    }
    StringWriter told = new StringWriter();
    Stream<String> always =
        Stream.of(
            "image",
            "lock",
            "--spec",
            "../examples/control-plane-image.yaml",
            "--arch",
            "amd64",
            "--inputs",
            folder.resolve("inputs").toString(),
            "--out",
            folder.resolve("lock.json").toString());
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(new StringWriter()), new PrintWriter(told, true)),
            Stream.concat(always, Stream.of(more)).toArray(String[]::new));
    return new Result(status, told.toString());
  }

  private String locked(String... more) throws IOException {
    Result result = lock(more);
    assertThat(result.status()).as(result.err()).isZero();
    Path file = folder.resolve("lock.json");
    return ImageLock.parse("lock.json", Files.readString(file)).spec().version();
  }

  @Test
  void kubernetes_choosesTheVersionOfEachImage() throws IOException {
    KubernetesRelease oldest = RELEASES.all().getFirst();
    String version = oldest.kubernetes().toString();
    assertThat(locked()).isEqualTo(RELEASES.byDefault().toString());
    assertThat(locked("--kubernetes", version)).isEqualTo(version);
    assertThat(locked("--kubernetes", oldest.kubernetes().majorMinor())).isEqualTo(version);
    assertThat(locked("--kubernetes", "v1.35.99")).isEqualTo("v1.35.99");
    assertThat(locked("--kubernetes", version, "--name-is", "etcd")).isEqualTo(oldest.etcd());
    assertThat(locked("--version-is", "v1.99.0")).isEqualTo("v1.99.0");
  }

  @Test
  void kubernetes_outsideOfTheRange_isRefusedWithTheRange() throws IOException {
    assertThat(lock("--kubernetes", "v1.99.0"))
        .isEqualTo(
            new Result(
                2,
                ("error: --kubernetes: got \"v1.99.0\"; want a release of Kubernetes %s such as %s;"
                        + " --version-is takes any%n")
                    .formatted(RELEASES.range(), RELEASES.byDefault())));
    assertThat(lock("--kubernetes", "1.35", "--version-is", "v1.35.4").status()).isEqualTo(2);
  }
}
