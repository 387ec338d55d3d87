package dev.countersign.cli.image;

import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.publish.CredentialStore;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.RegistryHttp;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.publish.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How registries are talked to: the same for every command that does. */
final class RegistryOptions {
  @Option(
      names = "--authfile",
      paramLabel = "FILE",
      description = "Credentials in Podman's or Docker's format. Default: where these keep them.")
  private @Nullable Path authFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "More certificate authorities to trust, in PEM.")
  private @Nullable Path authorities;

  @Option(
      names = "--plain-http",
      description = {
        "Talk to registries without TLS, as http:// in front of a repository does. Credentials",
        "then go over the network in the clear."
      })
  private boolean plainHttp;

  /** Reads a repository. */
  Repository repository(String text) {
    return chosen(Repository.parse(text));
  }

  /** Reads registry/repository:tag or @digest. */
  Repository.Reference reference(String text) {
    Repository.Reference reference = Repository.Reference.parse(text);
    return new Repository.Reference(chosen(reference.repository()), reference.tagOrDigest());
  }

  private Repository chosen(Repository repository) {
    return plainHttp ? repository.withPlainHttp() : repository;
  }

  RegistryClient client(Repository repository) throws CliException, IOException {
    if (authFile != null && !Files.isReadable(authFile)) {
      throw CliException.usage(
          "--authfile: got "
              + SafeText.line(authFile + "")
              + ", which cannot be read; want a file");
    }
    if (authorities != null && !Files.isReadable(authorities)) {
      throw CliException.usage(
          "--ca-file: got "
              + SafeText.line(authorities + "")
              + ", which cannot be read; want a file");
    }
    CredentialStore store =
        authFile != null
            ? new CredentialStore(List.of(authFile))
            : CredentialStore.ofEnvironment(
                System.getenv(), Path.of(System.getProperty("user.home")));
    return new RegistryClient(
        repository,
        store.find(repository),
        RegistryHttp.client(
            Optional.ofNullable(authorities), EnvironmentProxies.of(System.getenv())),
        RetryPolicy.usual());
  }
}
