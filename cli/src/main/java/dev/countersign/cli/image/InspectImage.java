package dev.countersign.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.Bytes;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.FileBatch;
import dev.countersign.common.file.FileMode;
import dev.countersign.image.oci.OpenLayout;
import dev.countersign.image.publish.Inspection;
import dev.countersign.image.publish.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code image inspect}. */
@Command(
    name = "inspect",
    description =
        "Shows digests, packages and the list of contents of a layout or a published image.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign image inspect quay.io/you/kubelet:vX.Y.Z --packages",
      "  countersign image inspect kubelet-image --sbom lists",
    })
final class InspectImage implements Callable<Integer> {
  private final Console console;

  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Parameters(
      paramLabel = "IMAGE",
      description = "A layout (directory or .tar), or registry/repository:tag or @digest.")
  private String image = "";

  @Option(names = "--packages", description = "List every package of every architecture.")
  private boolean packages;

  @Option(
      names = "--sbom",
      paramLabel = "DIR",
      description =
          "Write the list of contents of each architecture there, as ARCH.spdx.json (SPDX).")
  private @Nullable Path sbom;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, json or yaml.")
  private OutputFormat format = OutputFormat.TABLE;

  InspectImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::inspect);
  }

  private int inspect() throws CliException, IOException {
    Inspection inspection;
    if (Files.exists(Path.of(image))) {
      try (OpenLayout open = OpenLayout.at(Path.of(image))) {
        inspection = Inspection.of(open.layout());
      }
    } else {
      Repository.Reference reference = registries.reference(image);
      inspection =
          Inspection.of(registries.client(reference.repository()), reference.tagOrDigest());
    }
    if (sbom != null) {
      write(inspection, sbom);
    }
    switch (format) {
      case TABLE -> table(inspection);
      case JSON ->
          console
              .out()
              .println(
                  new ObjectMapper()
                      .writerWithDefaultPrettyPrinter()
                      .writeValueAsString(tree(inspection)));
      case YAML ->
          console
              .out()
              .print(new ObjectMapper(new YAMLFactory()).writeValueAsString(tree(inspection)));
    }
    return ExitStatus.OK.code();
  }

  private void write(Inspection inspection, Path directory) throws CliException, IOException {
    FileBatch batch = new FileBatch();
    for (Inspection.Platform each : inspection.platforms()) {
      String architecture = each.architecture().word();
      Bytes contents =
          each.contents()
              .orElseThrow(
                  () ->
                      new CliException(
                          ExitStatus.REFUSED,
                          "--sbom: "
                              + image
                              + " has no list of contents for "
                              + architecture
                              + "; want an image that \"image build\" made"));
      batch.add(directory.resolve(architecture + ".spdx.json"), contents, FileMode.PUBLIC);
    }
    batch.write();
  }

  private void table(Inspection inspection) {
    console.out().println(inspection.image().digest());
    Table table = Table.of("ARCH", "MANIFEST", "COMPRESSED", "PACKAGES", "SBOM");
    for (Inspection.Platform each : inspection.platforms()) {
      table.row(
          each.architecture().word(),
          each.manifest().digest().toString(),
          each.compressedSize() / 1_000_000 + " MB",
          Integer.toString(each.packages().size()),
          each.sbom().map(sbom -> sbom.digest().toString()).orElse("none"));
    }
    table.print(console);
    if (packages) {
      Table list = Table.of("ARCH", "PACKAGE", "VERSION", "DIGEST");
      for (Inspection.Platform each : inspection.platforms()) {
        each.packages()
            .forEach(
                item ->
                    list.row(
                        each.architecture().word(), item.name(), item.version(), item.digest()));
      }
      list.print(console);
    }
  }

  private static JsonNode tree(Inspection inspection) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("digest", inspection.image().digest().toString());
    ObjectNode annotations = tree.putObject("annotations");
    inspection.annotations().forEach(annotations::put);
    ArrayNode platforms = tree.putArray("platforms");
    for (Inspection.Platform each : inspection.platforms()) {
      ObjectNode node = platforms.addObject();
      node.put("architecture", each.architecture().word());
      node.put("manifest", each.manifest().digest().toString());
      node.put("compressedBytes", each.compressedSize());
      each.sbom().ifPresent(sbom -> node.put("sbom", sbom.digest().toString()));
      ArrayNode items = node.putArray("packages");
      each.packages()
          .forEach(
              item ->
                  items
                      .addObject()
                      .put("name", item.name())
                      .put("version", item.version())
                      .put("digest", item.digest()));
    }
    return tree;
  }
}
