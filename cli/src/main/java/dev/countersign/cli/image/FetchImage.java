package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Source;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code image fetch}. */
@Command(
    name = "fetch",
    description = {
      "Downloads what a lock names, checks it, and prints where it is.",
      "A build after it needs no network."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign image fetch --lock images/jdk.lock.json \\",
      "      --package openjdk-25-jdk-headless",
    })
final class FetchImage implements Callable<Integer> {
  private final Console console;

  @Mixin private SourceOptions sources = new SourceOptions();

  @Option(names = "--lock", required = true, paramLabel = "FILE", description = "The image's lock.")
  private Path lockFile = Path.of("");

  @Option(
      names = "--package",
      paramLabel = "NAME",
      description = "Only this Debian package; may be given more than once.")
  private List<String> packages = List.of();

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Copy what was fetched into this directory, under its own file name.")
  private @Nullable Path directory;

  FetchImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::fetch);
  }

  private int fetch() throws CliException, IOException {
    ImageLock lock = BuildImage.readLock("--lock", lockFile);
    for (String name : packages) {
      if (lock.platforms().values().stream()
          .flatMap(platform -> platform.packages().stream())
          .noneMatch(each -> each.name().word().equals(name))) {
        throw CliException.usage(
            "--package: got " + SafeText.line(name) + "; want a package that the lock has");
      }
    }
    ContentCache cache = sources.cache(sources.fetcher());
    Locations locations = sources.locations();
    try (var progress = new StepProgress(console, "fetching " + lock.spec().name())) {
      for (var platform : lock.platforms().entrySet()) {
        for (ImageLock.LockedPackage each : platform.getValue().packages()) {
          if (packages.isEmpty() || packages.contains(each.name().word())) {
            report(
                platform.getKey(),
                each.path(),
                cache.get(
                    new Source(
                        each.name() + " " + each.version() + " " + each.architecture(),
                        each.sha256(),
                        OptionalLong.of(each.size()),
                        locations.inArchiveIfKnown(each.archive(), each.path())),
                    progress));
          }
        }
        for (ImageLock.LockedUpstream each : platform.getValue().upstream()) {
          if (packages.isEmpty()) {
            report(
                platform.getKey(),
                each.url(),
                cache.get(
                    new Source(
                        each.name() + " " + platform.getKey(),
                        each.sha512(),
                        OptionalLong.of(each.size()),
                        List.of(locations.upstream(each.url()))),
                    progress));
          }
        }
      }
      progress.done("");
    }
    return ExitStatus.OK.code();
  }

  private void report(Architecture architecture, String origin, Path cached) throws IOException {
    Path file = cached;
    if (directory != null) {
      Files.createDirectories(directory);
      file = directory.resolve(origin.substring(origin.lastIndexOf('/') + 1));
      Files.copy(cached, file, StandardCopyOption.REPLACE_EXISTING);
    }
    console.out().println(architecture + " " + file);
  }
}
