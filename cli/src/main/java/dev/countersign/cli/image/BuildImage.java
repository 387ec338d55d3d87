package dev.countersign.cli.image;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.UserFile;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
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
      description = "The OCI layout to write: a folder, or a tarball where the name ends in .tar.")
  private Path out = Path.of("");

  @Option(
      names = "--arch",
      paramLabel = "ARCH",
      description = "Only this architecture (amd64 or arm64); may be given more than once.")
  private List<String> architectures = List.of();

  BuildImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandFailure, IOException {
    return Refusals.reported(this::build);
  }

  private int build() throws CommandFailure, IOException {
    ImageLock lock = readLock("--lock", lockFile);
    Set<Architecture> wanted = new TreeSet<>();
    for (String each : architectures) {
      wanted.add(
          Architecture.parse(each)
              .orElseThrow(
                  () -> CommandFailure.usage("--arch: got " + each + "; want amd64 or arm64")));
    }
    if (wanted.isEmpty()) {
      wanted.addAll(lock.platforms().keySet());
    }
    ContentCache cache = sources.cache(sources.fetcher());
    ImageBuilder.Result result;
    try (var progress = new StepProgress(console, "building " + lock.spec().name())) {
      var builder = new ImageBuilder(cache, sources.locations(), sources.inputs(), progress);
      result = ImageOutput.write(out, layout -> builder.build(lock, wanted, layout));
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
    table.lines().forEach(console.out()::println);
    console.out().printf("%s %s%n", out, result.index().digest());
    return ExitStatus.OK.code();
  }

  static ImageLock readLock(String option, Path file) throws CommandFailure, IOException {
    return ImageLock.parse(
        file.toString(), UserFile.read(option, file, "a lock; make one with image lock"));
  }
}
