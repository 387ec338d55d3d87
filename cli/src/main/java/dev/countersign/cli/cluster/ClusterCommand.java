package dev.countersign.cli.cluster;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cluster.connect.ClusterAccess;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that talks to one cluster. */
public abstract class ClusterCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  /** Only for commands of this module. */
  protected ClusterCommand() {}

  /** Does the work. */
  protected abstract ExitStatus run(ClusterAccess cluster) throws CommandFailure, IOException;

  @Override
  public final Integer call() throws CommandFailure {
    try (ClusterAccess cluster = open()) {
      return run(cluster).code();
    } catch (KubernetesClientException e) {
      throw failure(e);
    } catch (IOException e) {
      throw new CommandFailure(ExitStatus.INTERNAL, String.valueOf(e.getMessage()), e);
    }
  }

  /** The namespace that was asked for. */
  protected final Optional<String> namespace() {
    return connection.namespace();
  }

  private ClusterAccess open() throws CommandFailure {
    try {
      return ClusterAccess.open(connection.options());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw new CommandFailure(ExitStatus.INTERNAL, String.valueOf(e.getMessage()), e);
    }
  }

  /** What to tell of a refusal or a silence of the API server. */
  public static CommandFailure failure(KubernetesClientException e) {
    return new CommandFailure(ExitStatus.INTERNAL, explain(e), e);
  }

  private static String explain(KubernetesClientException e) {
    return switch (e.getCode()) {
      case 0, -1 ->
          "API server: got no answer (%s); want one; check the server in the kubeconfig"
              .formatted(rootMessage(e));
      case 401 ->
          "API server: got 401 Unauthorized; want credentials it accepts; check the kubeconfig's"
              + " user and its expiry";
      case 403 ->
          "API server: got 403 Forbidden (%s); want the permission; kubectl auth can-i --list shows"
                  .formatted(statusMessage(e))
              + " what you have";
      case 404 -> "API server: got 404 Not Found (%s)".formatted(statusMessage(e));
      case 409 ->
          "API server: got 409 Conflict (%s); want nothing to change meanwhile; try again"
              .formatted(statusMessage(e));
      default -> "API server: got %d (%s)".formatted(e.getCode(), statusMessage(e));
    };
  }

  private static String statusMessage(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
