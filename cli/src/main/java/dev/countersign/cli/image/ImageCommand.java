package dev.countersign.cli.image;

import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** The group. */
@Command(
    name = "image",
    description = "Locks, builds and publishes container images without a container engine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LockImage.class,
      FetchImage.class,
      BuildImage.class,
      PushImage.class,
      SignImage.class,
      InspectImage.class,
      VerifyImage.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example:",
      "  countersign image lock --spec examples/kubelet-image.yaml \\",
      "      --out kubelet.lock.json",
      "  countersign image build --lock kubelet.lock.json --out kubelet-image",
      "  countersign image push kubelet-image --to registry.example/you/kubelet",
    })
public final class ImageCommand extends CommandGroup {}
