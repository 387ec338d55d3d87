package dev.countersign.cli.cluster;

import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.file.UserFile;
import dev.countersign.x509.certificate.Certificate;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Authorities from a file that an option names, else those of the kubeconfig. */
public final class AuthorityFile {
  private AuthorityFile() {}

  /**
   * The certificates to trust.
   *
   * @param option as the user wrote it, for messages
   * @throws CliException where the file holds none, or there is neither a file nor an authority in
   *     the kubeconfig
   */
  public static List<Certificate> read(
      String option, @Nullable Path file, List<Certificate> ofKubeconfig) throws CliException {
    if (file != null) {
      return switch (Certificate.parseChain(UserFile.read(option, file, "certificates in PEM"))) {
        case ParseResult.Parsed<List<Certificate>>(List<Certificate> chain) -> chain;
        case ParseResult.Refused<List<Certificate>> unreadable ->
            throw CliException.usage(option + " " + file + ": " + unreadable.message());
      };
    }
    if (ofKubeconfig.isEmpty()) {
      throw CliException.usage(
          "%s: got nothing, and the kubeconfig has no certificate authority; want %s FILE"
              .formatted(option, option));
    }
    return ofKubeconfig;
  }
}
