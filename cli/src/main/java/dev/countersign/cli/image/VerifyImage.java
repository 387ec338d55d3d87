package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.Directories;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.assemble.ImageBuilder;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.OpenLayout;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.publish.Comparison;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.sign.CosignPublicKey;
import dev.countersign.image.sign.ImageVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code image verify}. */
@Command(
    name = "verify",
    description = {
      "Compares what registries serve with a lock, or with the signatures of a key.",
      "With --lock it rebuilds the image; with --key it verifies that the key signed what they"
          + " serve; with both it does both. Every blob is read."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign image verify --lock kubelet.lock.json \\",
      "      --against quay.io/you/kubelet:vX.Y.Z",
      "  countersign image verify --key cosign.pub --against quay.io/you/kubelet:vX.Y.Z",
    })
final class VerifyImage implements Callable<Integer> {
  private final Console console;

  @Mixin private SourceOptions sources = new SourceOptions();
  @Mixin private CompressionOption compression = new CompressionOption();
  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Option(names = "--lock", paramLabel = "FILE", description = "The image's lock, to rebuild it.")
  private @Nullable Path lockFile;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The public key that must have signed the image, such as cosign.pub.")
  private @Nullable Path keyFile;

  @Option(
      names = "--require-attestations",
      description = "With --key: SBOM and provenance must be there and signed, too.")
  private boolean attestations;

  @Option(
      names = "--against",
      required = true,
      paramLabel = "IMAGE",
      description = {
        "What to compare with: registry/repository:tag or @digest, or a layout; may be given more",
        "than once."
      })
  private List<String> images = new ArrayList<>();

  VerifyImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::verify);
  }

  private int verify() throws CliException, IOException {
    if (lockFile == null && keyFile == null) {
      throw CliException.usage("image verify: got neither; want --lock FILE, --key FILE or both");
    }
    int signed = keyFile == null ? ExitStatus.OK.code() : verifySignatures(keyFile);
    int same = lockFile == null ? ExitStatus.OK.code() : compareWithRebuilt(lockFile);
    return Math.max(signed, same);
  }

  private int verifySignatures(Path file) throws CliException, IOException {
    CosignPublicKey key =
        CosignPublicKey.parse(
            file.toString(), UserFile.read("--key", file, "a public key such as cosign.pub"));
    Table table = Table.of("IMAGE", "SIGNED", "SBOM", "PROVENANCE");
    boolean complete = true;
    for (String each : images) {
      if (Files.exists(Path.of(each))) {
        throw CliException.usage(
            "--against: got "
                + SafeText.line(each)
                + ", a file or directory; want REGISTRY/REPOSITORY:TAG or @DIGEST with --key");
      }
      Repository.Reference reference = registries.reference(each);
      var verifier = new ImageVerifier(registries.client(reference.repository()), key);
      for (ImageVerifier.Verified verified : verifier.verify(reference.tagOrDigest())) {
        complete &=
            verified.sbom() == ImageVerifier.Attested.SIGNED
                && verified.provenance() == ImageVerifier.Attested.SIGNED;
        table.row(
            each,
            verified.manifest().digest().toString(),
            word(verified.sbom()),
            word(verified.provenance()));
      }
    }
    table.print(console);
    if (attestations && !complete) {
      console
          .err()
          .println(
              "error: --require-attestations: got manifests without a signed SBOM or provenance;"
                  + " want both for each; sign with image sign");
      return ExitStatus.REFUSED.code();
    }
    return ExitStatus.OK.code();
  }

  private static String word(ImageVerifier.Attested attested) {
    return switch (attested) {
      case SIGNED -> "signed";
      case UNSIGNED -> "not signed";
      case NONE -> "none";
    };
  }

  private int compareWithRebuilt(Path file) throws CliException, IOException {
    ImageLock lock = BuildImage.readLock("--lock", file);
    Path work = Files.createTempDirectory("countersign-verify");
    Path rebuilt = work.resolve("image");
    boolean same = true;
    try {
      try (var progress = new StepProgress(console, "rebuilding " + lock.spec().name())) {
        var builder =
            new ImageBuilder(
                sources.cache(sources.fetcher()),
                sources.locations(),
                sources.inputs(),
                progress,
                compression.value());
        ImageOutput.write(
            rebuilt, layout -> builder.build(lock, lock.platforms().keySet(), layout));
        progress.done("");
      }
      Layout layout = Layout.open(rebuilt);
      Table table = Table.of("IMAGE", "VERDICT", "DIGEST");
      for (String each : images) {
        Comparison comparison = compare(layout, each);
        same = same && comparison.differences().isEmpty();
        table.row(
            each,
            comparison.differences().isEmpty() ? "same" : "differs",
            layout.image().digest().toString());
        comparison
            .differences()
            .forEach(line -> console.err().println(SafeText.line(each + ": " + line)));
      }
      table.print(console);
    } finally {
      Directories.delete(work);
    }
    return same ? ExitStatus.OK.code() : ExitStatus.REFUSED.code();
  }

  private Comparison compare(Layout rebuilt, String image) throws CliException, IOException {
    if (Files.exists(Path.of(image))) {
      try (OpenLayout open = OpenLayout.at(Path.of(image))) {
        return Comparison.of(rebuilt, open.layout());
      }
    }
    Repository.Reference reference = registries.reference(image);
    return Comparison.of(
        rebuilt, registries.client(reference.repository()), reference.tagOrDigest());
  }
}
