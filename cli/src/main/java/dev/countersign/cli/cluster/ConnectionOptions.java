package dev.countersign.cli.cluster;

import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.kube.credential.Impersonation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  @CompletedBy(CompletionKind.CONTEXT)
  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Context of the kubeconfig; default: its current one.")
  private @Nullable String context;

  @CompletedBy(CompletionKind.NAMESPACE)
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description =
          "Namespace of the approver, its policy and its records. Default: the one where they are."
              + " Refused where a command looks at nothing in it.")
  private @Nullable String namespace;

  @Option(
      names = "--as",
      paramLabel = "USER",
      description =
          "Act as this user, such as system:serviceaccount:kube-system:approver; needs the"
              + " permission to impersonate.")
  private @Nullable String user;

  @Option(
      names = "--as-group",
      paramLabel = "GROUP",
      description = "Act as a member of this group; with --as. May be repeated.")
  private List<String> groups = new ArrayList<>();

  @Option(
      names = "--as-uid",
      paramLabel = "UID",
      description = "Act as the user with this UID; with --as.")
  private @Nullable String uid;

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
        Optional.ofNullable(requestTimeout),
        impersonation());
  }

  private Optional<Impersonation> impersonation() {
    if (user != null) {
      return Optional.of(new Impersonation(user, groups, Optional.ofNullable(uid)));
    }
    if (!groups.isEmpty() || uid != null) {
      throw new IllegalArgumentException(
          (uid == null ? "--as-group" : "--as-uid") + ": got it without --as; want --as USER, too");
    }
    return Optional.empty();
  }

  /** Prepares a client of what was given; no connection is made yet. */
  public ClusterAccess open() throws CliException {
    try {
      return ClusterAccess.open(options());
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** For commands that look at nothing in a namespace of the user's choice. */
  public void refuseNamespace() throws CliException {
    if (namespace != null) {
      throw CliException.usage(
          "--namespace: got "
              + namespace
              + ", to a command that looks at nothing there; want it left out (records of strict"
              + " join: --join-namespace)");
    }
  }

  /** The namespace that was asked for. */
  public Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }
}
