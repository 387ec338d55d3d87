package dev.countersign.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.text.SafeText;
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
      "  countersign image push kubelet-image --to quay.io/you/kubelet --to docker.io/you/kubelet",
    })
final class PushImage implements Callable<Integer> {
  private final Console console;

  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Parameters(paramLabel = "LAYOUT", description = "The OCI layout, a folder or a .tar.")
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

  PushImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandFailure, IOException {
    return Refusals.reported(this::push);
  }

  private int push() throws CommandFailure, IOException {
    List<Repository> repositories = targets.stream().map(Repository::parse).distinct().toList();
    var clients = new ArrayList<RegistryClient>();
    for (Repository each : repositories) {
      clients.add(registries.client(each));
    }
    try (OpenLayout open = OpenLayout.at(layoutPath)) {
      Layout layout = open.layout();
      TagPlan plan = plan(layout);
      List<Publisher.Outcome> outcomes;
      try (var progress = new StepProgress(console, "pushing " + layoutPath)) {
        outcomes = new Publisher(layout, progress).push(clients, plan);
        progress.done("");
      }
      return report(outcomes);
    }
  }

  private TagPlan plan(Layout layout) throws IOException, CommandFailure {
    Descriptor image = layout.image();
    JsonNode index = layout.readJson(image);
    JsonNode annotations = index.path("annotations");
    Set<Architecture> there = new TreeSet<>();
    for (Descriptor each : Layout.references(image.digest().toString(), index)) {
      each.platform().ifPresent(there::add);
    }
    for (String word : annotations.path("dev.countersign.architectures").asText().split(",", -1)) {
      if (Architecture.parse(word).filter(each -> !there.contains(each)).isPresent()) {
        throw new CommandFailure(
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
        new TagPlan.Build(Optional.ofNullable(sha), Optional.ofNullable(tag), !noReleaseTags));
  }

  private int report(List<Publisher.Outcome> outcomes) {
    Table table = Table.of("REPOSITORY", "STATUS", "TAGS", "DIGEST");
    boolean complete = true;
    for (Publisher.Outcome outcome : outcomes) {
      switch (outcome) {
        case Publisher.Outcome.Pushed(var repository, var image, var tags) ->
            table.row(
                repository.toString(), "pushed", String.join(",", tags), image.digest().toString());
        case Publisher.Outcome.Incomplete(var repository, var why, var tags) -> {
          complete = false;
          table.row(repository.toString(), "incomplete", String.join(",", tags), "-");
          console
              .err()
              .println(
                  SafeText.lines(
                      "error: "
                          + repository
                          + ": got "
                          + why
                          + "; want the whole image; run the same command again to finish it"));
        }
      }
    }
    table.lines().forEach(console.out()::println);
    return complete ? ExitStatus.OK.code() : ExitStatus.INTERNAL.code();
  }
}
