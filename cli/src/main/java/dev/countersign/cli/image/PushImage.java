package dev.countersign.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.OpenLayout;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.image.publish.Publisher;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.publish.TagPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code image push}. */
@Command(
    name = "push",
    description = "Publishes a built image to one or more registries.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign image push kubelet-image --to quay.io/you/kubelet \\",
      "      --to docker.io/you/kubelet",
    })
final class PushImage implements Callable<Integer> {
  private final Console console;

  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Parameters(paramLabel = "LAYOUT", description = "The OCI layout, a directory or a .tar.")
  private Path layoutPath = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "REPOSITORY",
      description = {
        "registry/repository; may be given more than once. With http:// in front the registry is",
        "talked to without TLS."
      })
  private List<String> targets = new ArrayList<>();

  @Option(names = "--build-sha", paramLabel = "COMMIT", description = "Also tag build-<short sha>.")
  private @Nullable String sha;

  @Option(names = "--build-tag", paramLabel = "NAME", description = "Also tag build-<name>.")
  private @Nullable String tag;

  @Option(
      names = "--no-release-tags",
      description = "Set only the build tags: for builds of a branch.")
  private boolean noReleaseTags;

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "Also set this tag; may be given more than once.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--dry-run",
      description = "Ask the registries and print what would be pushed; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--allow-missing-sbom",
      description = {
        "Where a registry refuses the SBOM, warn and push the image without it. By default the",
        "push ends there."
      })
  private boolean withoutSbom;

  PushImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::push);
  }

  private int push() throws CliException, IOException {
    List<Repository> repositories =
        targets.stream().map(registries::repository).distinct().toList();
    var clients = new ArrayList<RegistryClient>();
    for (Repository each : repositories) {
      clients.add(registries.client(each));
    }
    try (OpenLayout open = OpenLayout.at(layoutPath)) {
      Layout layout = open.layout();
      TagPlan plan = plan(layout);
      if (dryRun) {
        return report(new Publisher(layout, Progress.silent()).plan(clients, plan));
      }
      List<Publisher.Outcome> outcomes;
      try (var progress = new StepProgress(console, "pushing " + layoutPath)) {
        outcomes =
            new Publisher(
                    layout,
                    progress,
                    withoutSbom ? Publisher.Artifacts.OPTIONAL : Publisher.Artifacts.REQUIRED)
                .push(clients, plan);
        if (outcomes.stream().anyMatch(Publisher.Outcome.Incomplete.class::isInstance)) {
          progress.failed("incomplete");
        } else {
          progress.done("");
        }
      }
      return report(outcomes);
    }
  }

  private TagPlan plan(Layout layout) throws IOException, CliException {
    Descriptor image = layout.image();
    JsonNode index = layout.readJson(image);
    JsonNode annotations = index.path("annotations");
    Set<Architecture> there = new TreeSet<>();
    for (Descriptor each : Layout.references(image.digest().toString(), index)) {
      each.platform().ifPresent(there::add);
    }
    for (String word : annotations.path("dev.countersign.architectures").asText().split(",", -1)) {
      if (Architecture.parse(word).filter(each -> !there.contains(each)).isPresent()) {
        throw new CliException(
            ExitStatus.REFUSED,
            layoutPath
                + ": got images for "
                + there
                + "; want one for "
                + word
                + " too, since the lock has it; build without --arch");
      }
    }
    TagScheme scheme =
        annotations.path("dev.countersign.tags").asText().equals("semver")
            ? TagScheme.SEMVER
            : TagScheme.KUBELET;
    return TagPlan.of(
        scheme,
        annotations.path("org.opencontainers.image.version").asText(),
        there,
        new TagPlan.Build(
            Optional.ofNullable(sha), Optional.ofNullable(tag), !noReleaseTags, tags));
  }

  private int report(List<Publisher.Outcome> outcomes) {
    Table table = Table.of("REPOSITORY", "STATUS", "TAGS", "DIGEST");
    boolean complete = true;
    for (Publisher.Outcome outcome : outcomes) {
      switch (outcome) {
        case Publisher.Outcome.Pushed(var repository, var image, var set, var warnings) -> {
          warnings.forEach(
              each ->
                  console.err().println(SafeText.lines("warning: " + repository + ": " + each)));
          table.row(
              repository.toString(), "pushed", String.join(",", set), image.digest().toString());
        }
        case Publisher.Outcome.Planned(
                var repository,
                var image,
                var planned,
                int blobs,
                int missing,
                long bytes) -> {
          table.row(
              repository.toString(),
              "would push",
              String.join(",", planned),
              image.digest().toString());
          console
              .err()
              .printf(
                  "%s: %d of %d blobs are missing (%.1f MB)%n",
                  repository, missing, blobs, bytes / 1e6);
        }
        case Publisher.Outcome.Incomplete(var repository, var why, var set) -> {
          complete = false;
          table.row(repository.toString(), "incomplete", String.join(",", set), "-");
          console
              .err()
              .println(
                  SafeText.lines(
                      "error: "
                          + repository
                          + ": "
                          + why
                          + (dryRun ? "" : "; run the same command again to finish the push")));
        }
      }
    }
    table.print(console);
    return complete ? ExitStatus.OK.code() : ExitStatus.INTERNAL.code();
  }
}
