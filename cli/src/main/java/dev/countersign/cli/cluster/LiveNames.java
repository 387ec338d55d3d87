package dev.countersign.cli.cluster;

import dev.countersign.cluster.connect.ClusterAccess;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks names up for a shell: quickly or not at all, and without a word of what went wrong. */
public final class LiveNames {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private LiveNames() {}

  /**
   * The names there are; none where that can't be learned within two seconds, or within the {@code
   * --request-timeout} that was typed.
   */
  public static List<String> of(CompletionKind kind, ClusterAccess.Options options) {
    Duration patience = options.requestTimeout().filter(Duration::isPositive).orElse(PATIENCE);
    FutureTask<List<String>> task = new FutureTask<>(() -> ask(kind, options, patience));
    // a daemon: what does not answer must not keep the process
    Thread.ofPlatform().daemon().name("names").start(task);
    try {
      // A file is read, whatever that takes; only clusters keep one waiting.
      return kind == CompletionKind.CONTEXT
          ? task.get()
          : task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static List<String> ask(
      CompletionKind kind, ClusterAccess.Options options, Duration patience)
      throws InterruptedException {
    try {
      if (kind == CompletionKind.CONTEXT) {
        return ClusterAccess.contexts(options.kubeconfig());
      }
      try (ClusterAccess cluster =
          ClusterAccess.open(
              new ClusterAccess.Options(
                  options.kubeconfig(),
                  options.context(),
                  options.namespace(),
                  Optional.of(patience),
                  options.impersonation()))) {
        return cluster.names(kind.path()).stream()
            .filter(name -> name.startsWith(kind.prefix()))
            .map(name -> name.substring(kind.prefix().length()))
            .toList();
      }
    } catch (IOException | IllegalArgumentException | KubernetesClientException e) {
      return List.of();
    }
  }
}
