package dev.countersign.testbed.binaries;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.ReleaseDownload.Unavailable;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Real Kubernetes, on disk. Immutable.
 *
 * @param directory holds the programs under their own names
 * @param version as kube-apiserver tells it, such as {@code v1.2.3}
 * @param source where they are from
 * @param superviseFile the supervisor, beside the others or built for them
 */
public record KubernetesBinaries(
    Path directory, String version, Source source, Optional<Path> superviseFile) {

  /** Where binaries are from. */
  public enum Source {
    /** The directory that {@code KUBEBUILDER_ASSETS} names. */
    KUBEBUILDER_ASSETS("KUBEBUILDER_ASSETS"),
    /** Downloaded from upstream's release, checksums verified. */
    DOWNLOADED("upstream's release, checksums verified"),
    /** Built from the Go module. */
    BUILT("built from Go modules");

    private final String words;

    Source(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Null-checks. */
  public KubernetesBinaries {
    Objects.requireNonNull(directory);
    Objects.requireNonNull(version);
    Objects.requireNonNull(source);
    Objects.requireNonNull(superviseFile);
  }

  /**
   * Finds, downloads or builds them; see the package's description for the order.
   *
   * @throws ControlPlaneFailure when every way is barred; it names each and why
   */
  public static KubernetesBinaries obtain(BinaryOptions options)
      throws ControlPlaneFailure, InterruptedException {
    KubernetesReleases supported = KubernetesReleases.supported();
    KubernetesVersion version = options.kubernetes().orElse(supported.byDefault());
    KubernetesRelease release =
        supported
            .tested(version)
            .orElseThrow(
                () ->
                    new ControlPlaneFailure(
                        "Kubernetes: got %s; want one of %s".formatted(version, supported.list())));
    return new Search(options, release, Platform.current()).run();
  }

  /** The release to render for: theirs, or the default one where theirs is not supported. */
  public KubernetesVersion release() {
    KubernetesReleases supported = KubernetesReleases.supported();
    return KubernetesVersion.inTag(version)
        .filter(theirs -> supported.ofMinor(theirs).isPresent())
        .orElse(supported.byDefault());
  }

  /** The file of a program, which may not be there for one that is not {@link Program#needed}. */
  public Path file(Program program) {
    return program == Program.SUPERVISE
        ? superviseFile.orElse(directory.resolve(program.fileName()))
        : directory.resolve(program.fileName());
  }

  /** Whether there is such a program here. */
  public boolean has(Program program) {
    return Files.isExecutable(file(program));
  }

  /**
   * Starts the supervisor that is here, or its counterpart in Java.
   *
   * @param log gets its diagnostics, appended
   */
  public Supervisor startSupervisor(Path log) throws ControlPlaneFailure, InterruptedException {
    return has(Program.SUPERVISE)
        ? Supervisor.start(file(Program.SUPERVISE), log)
        : Supervisor.startInJava(log);
  }

  private static final class Search {
    private final BinaryOptions options;
    private final KubernetesRelease release;
    private final UpstreamModule module;
    private final Platform platform;
    private final CacheEntries cache;
    private final List<String> barred = new ArrayList<>();

    private Search(BinaryOptions options, KubernetesRelease release, Platform platform) {
      this.options = options;
      this.release = release;
      this.module = new UpstreamModule(release.kubernetes());
      this.platform = platform;
      this.cache = new CacheEntries(options.cacheDirectory().resolve("kubernetes"));
    }

    private KubernetesBinaries run() throws ControlPlaneFailure, InterruptedException {
      KubernetesVersion version = release.kubernetes();
      Optional<Path> own = assets();
      if (own.isPresent()) {
        return of(own.get(), Source.KUBEBUILDER_ASSETS);
      }
      String built = version + "-" + module.fingerprint() + "-" + platform;
      String downloaded = version + "-upstream-" + platform;
      Optional<Path> cached = cache.find(built);
      if (cached.isPresent()) {
        return of(cached.get(), Source.BUILT);
      }
      Optional<Path> go = GoBuild.findGo(options.searchPath());
      // Whoever wants no download wants what only a build has, also where one was made before.
      if (options.download().isPresent() || go.isEmpty()) {
        cached = cache.find(downloaded);
        if (cached.isPresent()) {
          return of(cached.get(), Source.DOWNLOADED);
        }
      }
      barred.add("the cache directory " + options.cacheDirectory() + " has none");
      Optional<Path> fetched = download(downloaded);
      if (fetched.isPresent()) {
        return of(fetched.get(), Source.DOWNLOADED);
      }
      if (go.isEmpty()) {
        barred.add("to build them, there is no go on PATH");
        throw new ControlPlaneFailure(
            "Kubernetes %s: got no binaries; %s; install Go 1.26 or newer (go.dev/dl), %sor set KUBEBUILDER_ASSETS to a directory with %s, and run the same again"
                .formatted(
                    version,
                    String.join("; ", barred),
                    options.download().isPresent() ? "or get network access, " : "",
                    names()));
      }
      return of(
          cache.findOrMake(
              built,
              options.progress(),
              directory -> new GoBuild(go.get(), module, options.progress()).all(directory)),
          Source.BUILT);
    }

    private Optional<Path> assets() throws ControlPlaneFailure, InterruptedException {
      if (options.kubebuilderAssets().isEmpty()) {
        return Optional.empty();
      }
      Path directory = options.kubebuilderAssets().get();
      List<String> missing =
          Program.needed().stream()
              .map(Program::fileName)
              .filter(name -> !Files.isExecutable(directory.resolve(name)))
              .toList();
      String got = missing.isEmpty() ? "" : "no " + String.join(", ", missing);
      if (missing.isEmpty() && options.kubernetes().isPresent()) {
        String version = versionOf(directory.resolve("kube-apiserver"));
        got = version.equals(release.kubernetes().toString()) ? "" : "Kubernetes " + version;
      }
      if (got.isEmpty()) {
        return Optional.of(directory);
      }
      String why = "KUBEBUILDER_ASSETS=%s has %s".formatted(directory, got);
      barred.add(why);
      options.progress().accept(why + "; looking further");
      return Optional.empty();
    }

    private Optional<Path> download(String name) throws ControlPlaneFailure, InterruptedException {
      if (options.download().isEmpty()) {
        barred.add("downloads are off");
        return Optional.empty();
      }
      try (ReleaseDownload download =
          new ReleaseDownload(
              options.download().get(), platform, options.connectTimeout(), options.progress())) {
        return Optional.of(
            cache.findOrMake(
                name,
                options.progress(),
                directory -> download.into(directory, release, Program.ofKubernetes())));
      } catch (Unavailable e) {
        barred.add("the download is not to be had (" + e.getMessage() + ")");
        options.progress().accept("no download (" + e.getMessage() + "); looking further");
        return Optional.empty();
      }
    }

    private KubernetesBinaries of(Path directory, Source source)
        throws ControlPlaneFailure, InterruptedException {
      return new KubernetesBinaries(
          directory, versionOf(directory.resolve("kube-apiserver")), source, supervise(directory));
    }

    private Optional<Path> supervise(Path directory)
        throws ControlPlaneFailure, InterruptedException {
      Path beside = directory.resolve(Program.SUPERVISE.fileName());
      if (Files.isExecutable(beside)) {
        return Optional.of(beside);
      }
      Optional<Path> go = GoBuild.findGo(options.searchPath());
      String name = "supervise-" + UpstreamModule.superviseFingerprint() + "-" + platform;
      Optional<Path> cached = cache.find(name);
      if (cached.isPresent()) {
        return cached.map(found -> found.resolve(Program.SUPERVISE.fileName()));
      }
      if (go.isEmpty()) {
        return Optional.empty();
      }
      Path made =
          cache.findOrMake(
              name,
              options.progress(),
              target -> new GoBuild(go.get(), module, options.progress()).superviseOnly(target));
      return Optional.of(made.resolve(Program.SUPERVISE.fileName()));
    }

    private static String versionOf(Path apiServer)
        throws ControlPlaneFailure, InterruptedException {
      try {
        Process process =
            new ProcessBuilder(apiServer.toString(), "--version").redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output =
            new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        } else if (process.exitValue() == 0 && output.matches("Kubernetes v\\S+")) {
          return output.substring("Kubernetes ".length());
        }
        throw new ControlPlaneFailure(
            "%s --version: got %s; want Kubernetes v1.…: it does not run on this machine; remove it, or name another directory in KUBEBUILDER_ASSETS"
                .formatted(apiServer, output.isEmpty() ? "nothing" : output));
      } catch (IOException e) {
        throw new ControlPlaneFailure(
            "%s: it can't be run (%s); want a program for %s: remove it, or name another directory in KUBEBUILDER_ASSETS"
                .formatted(apiServer, e.getMessage(), Platform.current()),
            e);
      }
    }

    private static String names() {
      return String.join(", ", Program.needed().stream().map(Program::fileName).toList());
    }
  }
}
