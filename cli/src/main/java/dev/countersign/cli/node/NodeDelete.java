package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.DryRunOption;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.cluster.RecordsNamespace;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.doctor.PermissionDiagnostics;
import dev.countersign.cluster.node.NodeDeletion;
import dev.countersign.cluster.token.JoinRecords;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node delete}. */
@Command(
    name = "delete",
    description = {
      "Drain nodes, delete their Node objects, and revoke what can be revoked: tokens bound to the"
          + " node, its pending requests, and under strict join the renewal of its certificate. A"
          + " certificate that is issued stays valid until it ends. Give --no-drain for a machine"
          + " that is gone."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign node delete worker-1 --ignore-daemonsets",
      "  countersign node delete worker-1 --no-drain",
    })
public final class NodeDelete extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Nodes to delete.")
  private List<String> names = List.of();

  @Option(names = "--no-drain", description = "Do not drain first.")
  private boolean noDrain;

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private DrainFlags flags = new DrainFlags();

  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Mixin private FormatOption format = new FormatOption();

  NodeDelete(Console console) {
    this.console = console;
  }

  @Override
  protected boolean takesNamespace() {
    return true;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException {
    boolean only = dryRun.wanted();
    if (!noDrain) {
      Draining.check(
          cluster, names, flags.options(), ", or --no-drain to take away what else belongs to it");
    }
    JoinRecords records = join.records(cluster);
    NodeDeletion deletion =
        new NodeDeletion(
            cluster.client(),
            join.tokens(cluster),
            records,
            RecordsNamespace.records(cluster, namespace()),
            InstantSource.system());
    List<String> missing = new ArrayList<>();
    SortedSet<String> unreadable = new TreeSet<>();
    try (Changes changes = new Changes(console, format, dryRun.note())) {
      for (String name : names) {
        delete(cluster, deletion, name, only, changes, missing, unreadable);
      }
    }
    if (!missing.isEmpty()) {
      throw NodeNames.missing(
          String.join(", ", missing), "; what else belonged to it is deleted" + dryRun.note());
    }
    if (!unreadable.isEmpty()) {
      throw new CliException(
          ExitStatus.INTERNAL,
          "everything else is deleted"
              + dryRun.note()
              + ", but what is on record of its addresses may be left: "
              + String.join("; ", unreadable));
    }
    return ExitStatus.OK;
  }

  private void delete(
      ClusterAccess cluster,
      NodeDeletion deletion,
      String name,
      boolean only,
      Changes changes,
      List<String> missing,
      Set<String> unreadable)
      throws CliException {
    if (!noDrain) {
      Draining.drain(console, changes, cluster, name, flags.options(), dryRun);
    }
    NodeDeletion.Result result = deletion.delete(name, only);
    if (result.node()) {
      changes.add("node", name, "deleted", "");
    } else {
      missing.add(name);
    }
    unreadable.addAll(result.addresses().unreadable());
    result.tokens().forEach(token -> changes.add("token", token.value(), "deleted", ""));
    result.requests().forEach(request -> changes.add("request", request, "deleted", ""));
    result
        .addresses()
        .free()
        .forEach(record -> changes.add("address", record.address().key(), "free", ""));
    result
        .addresses()
        .awaited()
        .forEach(
            record ->
                console
                    .err()
                    .println(
                        "address "
                            + record.address().key()
                            + " goes to "
                            + record.entry().waiting().getFirst().claimant().node()
                            + ", which waits for it, unless "
                            + name
                            + " is back within the policy's ownership.reclaim; countersign node"
                            + " addresses --assign settles it otherwise"));
    if (result.revoked()) {
      changes.add("name", name, "revoked", ": under strict join its certificate is not renewed");
    }
    if ((result.node() || result.revoked())
        && PermissionDiagnostics.isRenewedByControllerManager(cluster.client(), name)) {
      console
          .err()
          .println(
              "warning: kube-controller-manager goes on renewing the certificate of "
                  + SafeText.line(name)
                  + " for whoever has it, as long as a ClusterRoleBinding gives group system:nodes"
                  + " system:certificates.k8s.io:certificatesigningrequests:selfnodeclient; where"
                  + " strict join approves renewals, delete that binding");
    }
  }
}
