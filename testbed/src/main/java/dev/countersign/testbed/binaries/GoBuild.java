package dev.countersign.testbed.binaries;

import dev.countersign.common.file.Directories;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Builds a Go module of this jar: static, without cgo, stamped with Kubernetes' version. */
final class GoBuild {
  private static final String VERSION_PACKAGE = "k8s.io/component-base/version";

  private final Path go;
  private final UpstreamModule module;
  private final Consumer<String> progress;

  GoBuild(Path go, UpstreamModule module, Consumer<String> progress) {
    this.go = go;
    this.module = module;
    this.progress = progress;
  }

  /** The {@code go} command: on the search path, else where its installer puts it. */
  static Optional<Path> findGo(String searchPath) {
    return Stream.concat(
            Stream.of(searchPath.split(File.pathSeparator, -1)).filter(f -> !f.isBlank()),
            searchPath.isEmpty()
                ? Stream.empty()
                : Stream.of("/usr/local/go/bin", "/usr/lib/go/bin"))
        .map(directory -> Path.of(directory, "go"))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** Builds everything into the directory, linked under every program's name. */
  void all(Path directory) throws IOException, ControlPlaneFailure, InterruptedException {
    withSources(
        directory,
        sources -> {
          supervise(sources, directory);
          KubernetesVersion version = module.kubernetes();
          String flags =
              "-s -w -X %1$s.gitVersion=%2$s -X %1$s.gitMajor=%3$d -X %1$s.gitMinor=%4$d"
                  .formatted(VERSION_PACKAGE, version, version.major(), version.minor());
          int total = packageCount(sources);
          int[] built = {0};
          run(
              sources,
              line -> {
                if (line.startsWith("go: downloading ")) {
                  progress.accept(line.substring("go: ".length()));
                } else if (isPackage(line)) {
                  built[0]++;
                  progress.accept(
                      "compiled %d of at most %d packages: %s"
                          .formatted(built[0], total, shortened(line)));
                }
              },
              List.of(
                  "build",
                  "-v",
                  "-trimpath",
                  "-buildvcs=false",
                  "-tags",
                  module.tag(),
                  "-ldflags",
                  flags,
                  "-o",
                  directory.resolve("kubernetes").toString(),
                  "."));
          for (Program program : EnumSet.complementOf(EnumSet.of(Program.SUPERVISE))) {
            Files.createSymbolicLink(directory.resolve(program.fileName()), Path.of("kubernetes"));
          }
        });
  }

  /** Builds {@code supervise} alone: a second, and no module is needed for it. */
  void superviseOnly(Path directory) throws IOException, ControlPlaneFailure, InterruptedException {
    withSources(directory, sources -> supervise(sources, directory));
  }

  @FunctionalInterface
  private interface Step {
    void run(Path sources) throws IOException, ControlPlaneFailure, InterruptedException;
  }

  private void withSources(Path directory, Step step)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Path sources = directory.resolve("source");
    module.copyTo(sources);
    step.run(sources);
    Directories.delete(sources);
  }

  private void supervise(Path sources, Path directory)
      throws IOException, ControlPlaneFailure, InterruptedException {
    run(
        sources,
        line -> {},
        List.of(
            "build",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            "-s -w",
            "-o",
            directory.resolve(Program.SUPERVISE.fileName()).toString(),
            "./supervise"));
  }

  /** How many packages the program is made of: the bound that progress is told against. */
  private int packageCount(Path sources)
      throws IOException, ControlPlaneFailure, InterruptedException {
    int[] count = {0};
    progress.accept("listing packages");
    run(
        sources,
        line -> {
          if (line.startsWith("go: downloading ")) {
            progress.accept(line.substring("go: ".length()));
          } else if (isPackage(line)) {
            count[0]++;
          }
        },
        List.of("list", "-deps", "-tags", module.tag(), "."));
    return count[0];
  }

  private static boolean isPackage(String line) {
    return !line.isBlank() && line.indexOf(' ') < 0 && line.indexOf(':') < 0;
  }

  private static String shortened(String name) {
    return name.length() <= 48 ? name : "…" + name.substring(name.length() - 47);
  }

  private void run(Path sources, Consumer<String> lines, List<String> arguments)
      throws IOException, ControlPlaneFailure, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(go.toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(sources.toFile()).redirectErrorStream(true);
    builder.environment().put("CGO_ENABLED", "0");
    builder.environment().put("GOWORK", "off");
    // Flags of the user's own projects, such as -mod=vendor, do not fit this module.
    builder.environment().put("GOFLAGS", "");
    Process process = builder.start();
    Thread hook = new Thread(() -> destroyTree(process));
    Runtime.getRuntime().addShutdownHook(hook);
    Deque<String> last = new ArrayDeque<>();
    try {
      process.getOutputStream().close();
      try (BufferedReader output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          lines.accept(line);
          if (!isPackage(line)) {
            last.addLast(line);
            if (last.size() > 40) {
              last.removeFirst();
            }
          }
        }
      }
      if (process.waitFor() != 0) {
        throw explain(arguments.getFirst(), String.join("\n", last));
      }
    } finally {
      destroyTree(process);
      removeHook(hook);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down: the hook runs, which is what it is for.
    }
  }

  private static void destroyTree(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** One paragraph about what went wrong, with the next step. */
  private ControlPlaneFailure explain(String verb, String output) throws IOException {
    if (output.contains("no space left on device") || output.contains("disk quota exceeded")) {
      throw new IOException("No space left on device");
    }
    String next =
        output.contains("proxy") || output.contains("dial tcp") || output.contains("lookup ")
            ? "Go's module proxy can't be reached: check the network, or GOPROXY"
            : "if it is not clear from this, run the same by hand in testbed/upstream of a"
                + " checkout";
    return new ControlPlaneFailure(
        "%s %s: got an error from Go while building Kubernetes: %s; %s"
            .formatted(go, verb, lastLines(output), next));
  }

  private static String lastLines(String output) {
    List<String> lines =
        output
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("go: downloading "))
            .toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }
}
