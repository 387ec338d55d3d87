package dev.countersign.cli.image;

import dev.countersign.image.publish.CredentialStore;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.RegistryHttp;
import dev.countersign.image.publish.Repository;
import java.io.IOException;
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

  RegistryClient client(Repository repository) throws IOException {
    CredentialStore store =
        authFile != null
            ? new CredentialStore(List.of(authFile))
            : CredentialStore.ofEnvironment(
                System.getenv(), Path.of(System.getProperty("user.home")));
    return new RegistryClient(
        repository,
        store.find(repository),
        RegistryHttp.client(Optional.ofNullable(authorities)),
        RegistryClient.Patience.usual());
  }
}
