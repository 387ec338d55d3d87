package dev.countersign.cli.cluster;

import dev.countersign.cluster.connect.ApiFailure;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that talks to one cluster. */
public abstract class ClusterCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  /** Only for commands of this module. */
  protected ClusterCommand() {}

  /** Does the work. */
  protected abstract ExitStatus run(ClusterAccess cluster) throws CliException, IOException;

  /** Whether {@code -n} says something to this command; where it does not, it is refused. */
  protected boolean takesNamespace() {
    return false;
  }

  @Override
  public final Integer call() throws CliException {
    if (!takesNamespace()) {
      connection.refuseNamespace();
    }
    try (ClusterAccess cluster = connection.open()) {
      try {
        return run(cluster).code();
      } catch (KubernetesClientException e) {
        throw failure(cluster, e);
      }
    } catch (IOException e) {
      throw new CliException(ExitStatus.INTERNAL, String.valueOf(e.getMessage()), e);
    }
  }

  /** The namespace that was asked for. */
  protected final Optional<String> namespace() {
    return connection.namespace();
  }

  /** What to tell of a refusal or a silence of the API server. */
  public static CliException failure(ClusterAccess cluster, KubernetesClientException e) {
    String server = "API server " + cluster.server() + " (" + cluster.origin() + ")";
    return new CliException(ExitStatus.INTERNAL, server + ": " + ApiFailure.explain(e), e);
  }
}
