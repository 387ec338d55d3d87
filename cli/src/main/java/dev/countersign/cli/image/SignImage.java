package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.Directories;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.OpenLayout;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.sign.CosignPrivateKey;
import dev.countersign.image.sign.CosignPublicKey;
import dev.countersign.image.sign.ImageSigner;
import dev.countersign.image.sign.SignerProgram;
import dev.countersign.image.sign.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code image sign}. */
@Command(
    name = "sign",
    description = {
      "Signs a pushed image, its SBOM and its provenance with a key of cosign's, or by a program"
          + " that has the key.",
      "It signs what the layout has, not what the registry serves. The key's password is taken"
          + " from COSIGN_PASSWORD, else asked for.",
      "A program of --sign-with reads the bytes to sign on standard input and writes the"
          + " signature (ECDSA P-256 with SHA-256, in DER or base64) to standard output."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  cosign generate-key-pair",
      "  countersign image sign kubelet-image --key cosign.key --to quay.io/you/kubelet",
      "  countersign image verify --key cosign.pub --against quay.io/you/kubelet:vX.Y.Z",
    })
final class SignImage implements Callable<Integer> {
  private final Console console;

  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Parameters(paramLabel = "LAYOUT", description = "The OCI layout, a directory or a .tar.")
  private Path layoutPath = Path.of("");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description =
          "The private key, as cosign generate-key-pair writes it. With --sign-with: the public"
              + " key in PEM.")
  private Path keyFile = Path.of("");

  @Option(
      names = "--sign-with",
      paramLabel = "PROGRAM",
      description =
          "Sign by this program, for example a script that calls a key management service. It is"
              + " run for each signature, without arguments.")
  private @Nullable Path program;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "REPOSITORY",
      description = "registry/repository that has the image; may be given more than once.")
  private List<String> targets = new ArrayList<>();

  @Option(
      names = "--builder-id",
      paramLabel = "URI",
      description = "Who built the image, for the provenance. Default: ${DEFAULT-VALUE}.")
  private String builder = "https://countersign.dev/local-build";

  SignImage(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    return Refusals.reported(this::sign);
  }

  private int sign() throws CliException, IOException {
    List<Repository> repositories =
        targets.stream().map(registries::repository).distinct().toList();
    SigningKey key = key();
    Path scratch = Files.createTempDirectory("countersign-sign");
    Table table = Table.of("REPOSITORY", "SIGNED");
    try (OpenLayout open = OpenLayout.at(layoutPath)) {
      var signer =
          new ImageSigner(open.layout(), Layout.create(scratch.resolve("made")), key, builder);
      for (Repository each : repositories) {
        for (Digest signed : signer.sign(registries.client(each))) {
          table.row(each.toString(), signed.toString());
        }
      }
    } finally {
      Directories.delete(scratch);
    }
    table.print(console);
    return ExitStatus.OK.code();
  }

  private SigningKey key() throws CliException {
    if (program != null) {
      String pem = UserFile.read("--key", keyFile, "a public key in PEM");
      return new SignerProgram(program, CosignPublicKey.parse(keyFile.toString(), pem));
    }
    SecretText pem = SecretText.of(UserFile.read("--key", keyFile, "a private key of cosign's"));
    return CosignPrivateKey.parse(keyFile.toString(), pem, this::password);
  }

  private SecretText password() throws CliException {
    String given = System.getenv("COSIGN_PASSWORD");
    if (given != null) {
      return SecretText.of(given);
    }
    java.io.Console terminal =
        Optional.ofNullable(System.console())
            .filter(java.io.Console::isTerminal)
            .orElseThrow(
                () ->
                    CliException.usage(
                        "COSIGN_PASSWORD: got nothing, and no terminal to ask at; want the password"
                            + " of "
                            + SafeText.line(keyFile.toString())));
    char[] typed = terminal.readPassword("Password of %s: ", keyFile);
    return SecretText.of(typed == null ? "" : new String(typed));
  }
}
