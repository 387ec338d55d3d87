package dev.countersign.cli.image;

import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.assemble.Compression;
import picocli.CommandLine.Option;

/** How layers are compressed: the same for every command that builds. */
final class CompressionOption {
  @Option(
      names = "--compression",
      paramLabel = "KIND",
      description = {
        "gzip or zstd. Layers in zstd are smaller; containerd takes them from 1.5, Podman and",
        "CRI-O from 2020, Docker from 23. Default: gzip."
      })
  private String kind = "gzip";

  Compression value() throws CliException {
    return switch (kind) {
      case "gzip" -> Compression.GZIP;
      case "zstd" -> Compression.ZSTD;
      default ->
          throw CliException.usage(
              "--compression: got " + SafeText.line(kind) + "; want gzip or zstd");
    };
  }
}
