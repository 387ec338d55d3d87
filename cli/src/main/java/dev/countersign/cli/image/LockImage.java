package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.file.FileMode;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.lock.LockfileGenerator;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code image lock}. */
@Command(
    name = "lock",
    description = "Decides and records by digest everything an image is made of.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign image lock --spec examples/kubelet-image.yaml \\",
      "      --out kubelet.lock.json",
      "  countersign image lock --kubernetes 1.35 \\",
      "      --spec examples/control-plane-image.yaml \\",
      "      --name-is etcd --inputs programs --out etcd.lock.json",
      "  countersign image lock --spec examples/kubelet-image.yaml \\",
      "      --packages-from images/kubelet.lock.json --out kubelet.lock.json",
      "  countersign image lock --check --packages-only \\",
      "      --spec examples/kubelet-image.yaml --out images/kubelet.lock.json",
    })
final class LockImage implements Callable<Integer> {
  private final Console console;

  @Mixin private SourceOptions sources = new SourceOptions();

  @Option(names = "--spec", required = true, paramLabel = "FILE", description = "The image's spec.")
  private Path specFile = Path.of("");

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The lock to write.")
  private Path lockFile = Path.of("");

  @Option(
      names = "--version-is",
      paramLabel = "VERSION",
      description = "Lock this version instead of the one in the spec.")
  private @Nullable String version;

  @Option(
      names = "--kubernetes",
      paramLabel = "VERSION",
      description = {
        "Lock for this release of Kubernetes, with or without its patch number, where the spec's"
            + " version is",
        "{kubernetes}. Default: what a ClusterSpec gets that names none."
      })
  private @Nullable String kubernetes;

  @Option(
      names = "--name-is",
      paramLabel = "NAME",
      description = "Lock an image of this name instead of the one in the spec.")
  private @Nullable String name;

  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      description = {
        "Lock only this architecture (amd64 or arm64) instead of those in the spec; may be given",
        "more than once."
      })
  private List<String> architectures = List.of();

  @Option(
      names = "--epoch",
      paramLabel = "TIME",
      description = {
        "The time of every file in the image, like 2026-09-12T07:55:41Z.",
        "Default: SOURCE_DATE_EPOCH, else the date of the newest archive release."
      })
  private @Nullable String epoch;

  @Option(
      names = "--allow-expired",
      description = "Accept archive releases past their Valid-Until: for snapshots of the past.")
  private boolean allowExpired;

  @Option(
      names = "--packages-only",
      description = {
        "Lock the Debian packages and leave the rest open, where upstream releases or input files",
        "are not at hand. Nothing is built from such a lock; --packages-from completes it."
      })
  private boolean packagesOnly;

  @Option(
      names = "--packages-from",
      paramLabel = "LOCK",
      description = {
        "Take the packages, their releases and the image's time from this lock, ask no archive,"
            + " and",
        "record upstream releases and input files again. With --packages-only these stay open, and"
            + " only",
        "the rest of the spec, such as an entrypoint, is read again."
      })
  private @Nullable Path packagesFrom;

  @Option(
      names = "--check",
      description = {
        "Write nothing; print what would change, and exit with status 3 if anything would."
      })
  private boolean check;

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = "Where the image's sources are: its label org.opencontainers.image.source.")
  private @Nullable String source;

  @Option(
      names = "--revision",
      paramLabel = "COMMIT",
      description = "Their commit: its label org.opencontainers.image.revision.")
  private @Nullable String revision;

  LockImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::lock);
  }

  private int lock() throws CliException, IOException {
    ImageSpec.Document parsed = spec();
    Optional<ImageLock> known =
        packagesFrom == null
            ? Optional.empty()
            : Optional.of(BuildImage.readLock("--packages-from", packagesFrom));
    Optional<ImageLock> previous =
        Files.isRegularFile(lockFile)
            ? Optional.of(ImageLock.parse(lockFile.toString(), Files.readString(lockFile)))
            : Optional.empty();
    Fetcher fetcher = sources.fetcher();
    ContentCache cache = sources.cache(fetcher);
    var locker =
        new LockfileGenerator(
            fetcher, cache, sources.locations(), sources.keyring(), InstantSource.system());
    ImageLock lock;
    try (var progress = new StepProgress(console, "locking " + parsed.spec().name())) {
      lock =
          locker.lock(
              parsed,
              new LockfileGenerator.Options(
                  sources.inputs(), previous, epoch(), allowExpired, packagesOnly, known),
              progress);
      progress.done("");
    }
    if (check) {
      return compare(previous, lock);
    }
    AtomicFiles.write(lockFile, Bytes.ofUtf8(lock.toText()), FileMode.PUBLIC);
    lock.platforms()
        .forEach(
            (architecture, platform) ->
                console
                    .out()
                    .printf(
                        "%s: %d packages, %d upstream archives, %d files%n",
                        architecture,
                        platform.packages().size(),
                        platform.upstream().size(),
                        platform.files().size()));
    previous.ifPresent(before -> LockChanges.print(console, LockChanges.between(before, lock)));
    console.out().printf("%s %s%n", lockFile, lock.checksum());
    return ExitStatus.OK.code();
  }

  /** Says what locking anew would change. */
  private int compare(Optional<ImageLock> previous, ImageLock lock) throws CliException {
    ImageLock before =
        previous.orElseThrow(
            () ->
                CliException.usage(
                    "--out: got "
                        + SafeText.line(lockFile.toString())
                        + ", which is not there; want the lock to check"));
    SortedSet<String> changes = LockChanges.between(before, lock);
    LockChanges.print(console, changes);
    console
        .out()
        .println(
            SafeText.line(
                lockFile
                    + (changes.isEmpty()
                        ? ": up to date"
                        : ": " + changes.size() + " changes; lock again without --check")));
    return (changes.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED).code();
  }

  private ImageSpec.Document spec() throws CliException, IOException {
    String text = UserFile.read("--spec", specFile, "an image spec");
    if (kubernetes != null && version != null) {
      throw CliException.usage("--kubernetes: got it with --version-is; want one of them");
    }
    Map<String, String> replaced = new TreeMap<>();
    if (name != null) {
      replaced.put("name", name);
    }
    if (version != null) {
      replaced.put("version", version);
    }
    return switch (ImageSpec.parseYaml(
        text, new ImageSpec.Changes(replaced, architectures, labels(), release()))) {
      case ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document parsed) -> parsed;
      case ParseResult.Refused<ImageSpec.Document> refused ->
          throw CliException.usage(specFile + ":\n  " + refused.message().replace("\n", "\n  "));
    };
  }

  private Optional<KubernetesRelease> release() throws CliException {
    String wanted = kubernetes;
    if (wanted == null) {
      return Optional.empty();
    }
    KubernetesReleases releases = KubernetesReleases.supported();
    return Optional.of(
        releases
            .parseOption(wanted)
            .flatMap(
                version ->
                    releases.ofMinor(version).map(release -> release.withKubernetes(version)))
            .orElseThrow(
                () ->
                    CliException.usage(
                        "--kubernetes: got %s; want a release of Kubernetes %s such as %s; --version-is takes any"
                            .formatted(
                                SafeText.quote(wanted), releases.range(), releases.byDefault()))));
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    if (source != null) {
      labels.put("org.opencontainers.image.source", source);
    }
    if (revision != null) {
      labels.put("org.opencontainers.image.revision", revision);
    }
    return labels;
  }

  private Optional<Instant> epoch() throws CliException {
    if (epoch == null) {
      return ImageSpec.sourceDateEpoch(System.getenv());
    }
    try {
      return Optional.of(Instant.parse(epoch));
    } catch (DateTimeException unreadable) {
      throw new CliException(
          ExitStatus.USAGE,
          "--epoch: got " + epoch + "; want a time like 2026-09-12T07:55:41Z",
          unreadable);
    }
  }
}
