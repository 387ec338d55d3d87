package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.assemble.ImageBuilder;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code image build}. */
@Command(
    name = "build",
    description = "Builds an image from its lock: the same bytes on every machine.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign image build --lock kubelet.lock.json --out kubelet-image",
      "  countersign image build --lock kubelet.lock.json --arch amd64 \\",
      "      --output docker-archive --out kubelet.tar && \\",
      "      docker load --input kubelet.tar",
    })
final class BuildImage implements Callable<Integer> {
  private final Console console;

  @Mixin private SourceOptions sources = new SourceOptions();

  @Option(names = "--lock", required = true, paramLabel = "FILE", description = "The image's lock.")
  private Path lockFile = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "What to write: a directory, or a tar archive where the name ends in .tar.")
  private Path out = Path.of("");

  @Option(
      names = "--output",
      paramLabel = "FORM",
      description = {
        "oci (a directory in the OCI layout), oci-archive (the same as a tar archive, for podman"
            + " pull, skopeo copy and buildah pull oci-archive:FILE:TAG) or",
        "docker-archive (for docker load and podman load; of one architecture).",
        "Default: by the name of --out."
      })
  private @Nullable String form;

  @Mixin private CompressionOption compression = new CompressionOption();

  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      description = "Only this architecture (amd64 or arm64); may be given more than once.")
  private List<String> architectures = List.of();

  BuildImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::build);
  }

  private int build() throws CliException, IOException {
    ImageLock lock = readLock("--lock", lockFile);
    Set<Architecture> wanted = new TreeSet<>();
    for (String each : architectures) {
      wanted.add(
          Architecture.parse(each)
              .orElseThrow(
                  () -> CliException.usage("--arch: got " + each + "; want amd64 or arm64")));
    }
    if (wanted.isEmpty()) {
      wanted.addAll(lock.platforms().keySet());
    }
    ContentCache cache = sources.cache(sources.fetcher());
    ImageBuilder.Result result;
    try (var progress = new StepProgress(console, "building " + lock.spec().name())) {
      var builder =
          new ImageBuilder(
              cache, sources.locations(), sources.inputs(), progress, compression.value());
      result = ImageOutput.write(out, form(), layout -> builder.build(lock, wanted, layout));
      progress.done("");
    }
    Table table = Table.of("ARCH", "MANIFEST", "FILES", "ELF");
    for (ImageBuilder.Built each : result.images()) {
      table.row(
          each.architecture().word(),
          each.manifest().digest().toString(),
          Integer.toString(each.files()),
          Integer.toString(each.elfFiles()));
    }
    table.print(console);
    console.out().printf("%s %s%n", out, result.index().digest());
    return ExitStatus.OK.code();
  }

  private ImageOutput.Form form() throws CliException {
    return switch (form) {
      case null -> ImageOutput.Form.of(out);
      case "oci" -> ImageOutput.Form.OCI;
      case "oci-archive" -> ImageOutput.Form.OCI_ARCHIVE;
      case "docker-archive" -> ImageOutput.Form.DOCKER_ARCHIVE;
      default ->
          throw CliException.usage(
              "--output: got " + SafeText.line(form) + "; want oci, oci-archive or docker-archive");
    };
  }

  static ImageLock readLock(String option, Path file) throws CliException, IOException {
    return ImageLock.parse(
        file.toString(), UserFile.read(option, file, "a lock; make one with image lock"));
  }
}
