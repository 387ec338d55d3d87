package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.DebianVersion;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code image lock --kubernetes} and {@code --check}, where no archive is needed. */
class LockImageTest {
  private static final KubernetesReleases RELEASES = KubernetesReleases.supported();

  @TempDir private Path directory = Path.of(".");

  private record Result(int status, String out, String err) {}

  private Result lock(String... more) throws IOException {
    Path inputs = Files.createDirectories(directory.resolve("inputs/amd64"));
    for (String program :
        List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")) {
      Files.writeString(inputs.resolve(program), program);
    }
    Stream<String> always =
        Stream.of(
            "--spec",
            "../examples/control-plane-image.yaml",
            "--arch",
            "amd64",
            "--inputs",
            directory.resolve("inputs").toString(),
            "--out",
            directory.resolve("lock.json").toString());
    return run(Stream.concat(always, Stream.of(more)));
  }

  private static Result run(Stream<String> options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(out, true), new PrintWriter(err, true)),
            Stream.concat(Stream.of("image", "lock"), options).toArray(String[]::new));
    return new Result(status, out.toString(), err.toString());
  }

  private String locked(String... more) throws IOException {
    Result result = lock(more);
    assertThat(result.status()).as(result.err()).isZero();
    Path file = directory.resolve("lock.json");
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
                "",
                ("error: --kubernetes: got \"v1.99.0\"; want a release of Kubernetes %s such as %s;"
                        + " --version-is takes any%n")
                    .formatted(RELEASES.range(), RELEASES.byDefault())));
    assertThat(lock("--kubernetes", "1.35", "--version-is", "v1.35.4").status()).isEqualTo(2);
  }

  @Test
  void sourceAndRevision_areLabels() throws IOException {
    locked("--source", "https://example.com/x", "--revision", "c0ffee");
    assertThat(Files.readString(directory.resolve("lock.json")))
        .containsPattern("org.opencontainers.image.source\\W+https://example.com/x")
        .containsPattern("org.opencontainers.image.revision\\W+c0ffee");
  }

  @Test
  void check_saysWhatLockingAnewWouldChange_andWritesNothing() throws IOException {
    Path lock = directory.resolve("lock.json");
    Result none = lock("--check");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("lock.json, which is not there; want the lock to check");
    assertThat(lock).doesNotExist();

    locked();
    String before = Files.readString(lock);
    assertThat(lock("--check"))
        .extracting(Result::status, Result::out)
        .containsExactly(0, lock + ": up to date\n");
    assertThat(lock("--check", "--version-is", "v1.99.0"))
        .extracting(Result::status, Result::out)
        .containsExactly(3, "spec: changed\n" + lock + ": 1 changes; lock again without --check\n");
    assertThat(lock).content().isEqualTo(before);
  }

  @Test
  void check_namesEachPackageThatIsBehind() throws IOException {
    Path committed = Path.of("../images/kubelet.lock.json");
    ImageLock now = ImageLock.parse(committed.toString(), Files.readString(committed));
    var platforms = new TreeMap<>(now.platforms());
    ImageLock.Platform amd64 = Objects.requireNonNull(platforms.get(Architecture.AMD64));
    var packages = new ArrayList<>(amd64.packages());
    ImageLock.LockedPackage first = packages.removeFirst();
    packages.addFirst(
        new ImageLock.LockedPackage(
            first.name(),
            DebianVersion.parse("0.1-1"),
            first.architecture(),
            first.archive(),
            first.path(),
            first.size(),
            first.sha256()));
    packages.removeLast();
    platforms.put(
        Architecture.AMD64, new ImageLock.Platform(packages, amd64.upstream(), amd64.files()));
    Path behind = directory.resolve("kubelet.lock.json");
    Files.writeString(
        behind,
        new ImageLock(now.spec(), now.specDocument(), now.epoch(), now.releases(), platforms)
            .toText());

    Result check =
        run(
            Stream.of(
                "--check",
                "--packages-only",
                "--spec=../examples/kubelet-image.yaml",
                "--packages-from=" + committed,
                "--out=" + behind));
    ImageLock.LockedPackage last = amd64.packages().getLast();
    assertThat(check.status()).as(check.err()).isEqualTo(3);
    assertThat(check.out().lines())
        .containsExactly(
            "amd64: %s 0.1-1 -> %s".formatted(first.name(), first.version()),
            "amd64: %s absent -> %s".formatted(last.name(), last.version()),
            behind + ": 2 changes; lock again without --check");
  }
}
