package dev.countersign.cli.cluster;

import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CommandFailure;
import dev.countersign.common.command.ExitStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that name a cluster, spelled as kubectl spells them. */
public final class ConnectionOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Kubeconfig; default: $KUBECONFIG, ~/.kube/config, or the pod's account.")
  private @Nullable Path kubeconfig;

  @CompletedBy(LiveName.CONTEXT)
  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Context of the kubeconfig; default: its current one.")
  private @Nullable String context;

  @CompletedBy(LiveName.NAMESPACE)
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Namespace, for what has one.")
  private @Nullable String namespace;

  @Option(
      names = "--request-timeout",
      paramLabel = "DURATION",
      converter = RequestTimeout.class,
      description =
          "How long to wait for one answer of the API server, such as 5s or 1m; 0 waits for ever."
              + " Default: the client's own, with a few repetitions.")
  private @Nullable Duration requestTimeout;

  /** What was given. */
  public ClusterAccess.Options options() {
    return new ClusterAccess.Options(
        Optional.ofNullable(kubeconfig),
        Optional.ofNullable(context),
        Optional.ofNullable(namespace),
        Optional.ofNullable(requestTimeout));
  }

  /** Prepares a client of what was given; no connection is made yet. */
  public ClusterAccess open() throws CommandFailure {
    try {
      return ClusterAccess.open(options());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** The namespace that was asked for. */
  public Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }
}
