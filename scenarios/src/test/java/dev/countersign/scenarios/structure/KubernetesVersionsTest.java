package dev.countersign.scenarios.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code releases.yaml} is the only place that says which Kubernetes is supported: no other file
 * names a version that would have to change with it.
 */
class KubernetesVersionsTest {
  private static final KubernetesReleases RELEASES = KubernetesReleases.supported();
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** A release since 1.20, with its patch number. */
  private static final Pattern RELEASE = Pattern.compile("(?<![\\w.])v1\\.[2-9][0-9]\\.[0-9]+");

  /** The beginnings of paths, each with the reason for which versions may stand there. */
  private static final Map<String, String> ALLOWED =
      Map.ofEntries(
          Map.entry("common/src/main/resources/dev/countersign/common/kubernetes/", "the file"),
          Map.entry("docs/operations/versions.md", "its table is compared with the file below"),
          Map.entry("docs/testing/", "what was measured, and with what"),
          Map.entry("docs/reference/commands.md", "ReferencePagesTest compares it with the help"),
          Map.entry("docs/real-node.txt", "the output of a run"),
          Map.entry("docs/adr/", "why something was decided, at that time"),
          Map.entry("bench/results/", "what was measured, and with what"),
          Map.entry("render/src/test/butane/go.", "a Go module's own dependencies"),
          Map.entry("scenarios/src/test/imagecopy/go.", "the same"),
          Map.entry("policy/src/test/resources/peers/", "what others' code was read at"),
          Map.entry("policy/src/test/resources/kubelets/", "what kubelets of each sent"),
          Map.entry("images/kubelet.lock.json", "ImageSpecTest compares it with its spec"),
          Map.entry("images/", "locks name Debian's packages"),
          Map.entry("testbed/upstream/", "UpstreamModuleTest compares it with the file"),
          Map.entry(
              "dev/upstream-modules", "what dev/upstream-modules must do for single releases"),
          Map.entry("scenarios/src/test/java/dev/countersign/scenarios/structure/", "this test"),
          Map.entry("common/src/test/", "arguments of tests that compare versions"),
          Map.entry("render/src/test/java/dev/countersign/render/spec/Kubernetes", "the same"),
          Map.entry("render/src/test/java/dev/countersign/render/spec/ClusterSpec", "the same"),
          Map.entry("render/src/test/java/dev/countersign/render/upgrade/", "the same"),
          Map.entry("cli/src/test/java/dev/countersign/cli/render/", "the same"),
          Map.entry("cli/src/test/java/dev/countersign/cli/image/LockImageTest", "the same"),
          Map.entry("cli/src/test/java/dev/countersign/cli/controlplane/", "the same"),
          Map.entry("testbed/src/test/", "the same"),
          Map.entry("pom.xml", "versions of libraries"));

  private static final Set<String> NOT_OURS = Set.of(".git", "target", ".idea", "node_modules");

  /** A release by its full number, or the minor version of a release that is not settled yet. */
  private static Pattern stale() {
    String minors =
        RELEASES.all().stream()
            .map(KubernetesRelease::kubernetes)
            .filter(each -> each.compareTo(RELEASES.byDefault()) >= 0)
            .map(each -> Pattern.quote(each.majorMinor()))
            .collect(Collectors.joining("|"));
    return Pattern.compile(RELEASE.pattern() + "|(?<![\\w.])v?(?:" + minors + ")(?![\\w.]*\\d)");
  }

  @Test
  void noOtherFile_namesAVersionThatChangesWithTheFile() throws IOException {
    Pattern stale = stale();
    List<String> found = new ArrayList<>();
    for (Path file : files()) {
      String path = ROOT.relativize(file).toString();
      if (ALLOWED.keySet().stream().anyMatch(path::startsWith)) {
        continue;
      }
      int number = 0;
      for (String line : lines(file)) {
        number++;
        Matcher matcher = stale.matcher(line);
        if (matcher.find()) {
          found.add(path + ":" + number + ": " + matcher.group());
        }
      }
    }
    assertThat(found)
        .as("take the version from KubernetesReleases, or write vX.Y.Z or v1.2.3 in an example")
        .isEmpty();
  }

  /** An exception that nothing needs any more is deleted. */
  @Test
  void everyException_isThere() throws IOException {
    List<String> paths = files().stream().map(file -> ROOT.relativize(file).toString()).toList();
    assertThat(ALLOWED.keySet())
        .allSatisfy(
            allowed -> assertThat(paths).as(allowed).anyMatch(path -> path.startsWith(allowed)));
  }

  @Test
  void table_inTheDocumentation_isThatOfTheFile() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/operations/versions.md"));
    for (KubernetesRelease release : RELEASES.all()) {
      assertThat(text)
          .contains(
              "| %s%s | %s | %s | %s | %s | %s |\n"
                  .formatted(
                      release.kubernetes(),
                      release.equals(RELEASES.defaultRelease()) ? " (default)" : "",
                      release.etcd(),
                      release.coredns(),
                      release.pause(),
                      release.flannel(),
                      release.flannelCni()));
    }
    assertThat(text.lines().filter(line -> line.startsWith("| v1.")))
        .hasSize(RELEASES.all().size());
  }

  @Test
  void chartAndInstallation_wantTheOldestSupportedRelease() throws IOException {
    assertThat(Files.readString(ROOT.resolve("deploy/helm/countersign/Chart.yaml")))
        .contains("\nkubeVersion: \">=" + RELEASES.oldest().majorMinor() + ".0-0\"\n");
    assertThat(Files.readString(ROOT.resolve("docs/operations/install.md")))
        .contains("Kubernetes " + RELEASES.oldest().majorMinor() + " or newer");
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      return List.of();
    }
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = directory.equals(ROOT) ? "" : String.valueOf(directory.getFileName());
            return NOT_OURS.contains(name)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && attributes.size() < 2_000_000) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
