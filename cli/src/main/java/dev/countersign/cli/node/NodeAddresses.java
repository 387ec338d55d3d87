package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.DryRunOption;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.cluster.RecordsNamespace;
import dev.countersign.cli.csr.LiveObjects;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.address.AddressRecords.Settlement;
import dev.countersign.cluster.address.Assignment;
import dev.countersign.cluster.address.NodeUsage;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.time.Durations;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.ownership.OwnershipRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node addresses}. */
@Command(
    name = "addresses",
    description = {
      "Show which node owns each name and address, since when, and who else claims it; or settle"
          + " it. A node gets a serving certificate only for what it owns. --assign gives an"
          + " address to a node, whoever owns it; --release removes the owner, so that the only"
          + " node that claims it gets it.",
      "An assignment that the approver would revoke under the policy in force is refused, with what"
          + " to do instead: the API server's addresses go to control plane Nodes only, those of"
          + " Services to none."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign node addresses worker-1",
      "  countersign node addresses --usage",
      "  countersign node addresses --assign 10.0.0.7=worker-1 --dry-run=server",
      "  countersign node addresses --release 10.0.0.7 --interactive",
    })
public final class NodeAddresses extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(
      paramLabel = "NODE",
      arity = "0..1",
      description = "Only what this node owns or waits for.")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--contested",
      description = "Only what more than one node claims, or nobody owns.")
  private boolean contested;

  @Option(
      names = "--usage",
      description =
          "What each node has on record, the greatest first, and what it claims that is not on"
              + " record.")
  private boolean usage;

  @Option(
      names = "--assign",
      paramLabel = "ADDRESS=NODE",
      description = "Give a name or address to a node. Can be repeated.")
  private List<String> assign = List.of();

  @Option(
      names = "--release",
      paramLabel = "ADDRESS",
      description = "Forget whose a name or address is. Can be repeated.")
  private List<String> release = List.of();

  @Option(
      names = {"-i", "--interactive"},
      description = "Show each change and ask before it is made.")
  private boolean interactive;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Mixin private FormatOption format = new FormatOption();

  NodeAddresses(Console console) {
    this.console = console;
  }

  /** One change that is asked for; no owner where it is a release. */
  private record Change(NameOrAddress address, Optional<NodeName> owner) {}

  @Override
  protected boolean takesNamespace() {
    return true;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    dryRun.wanted();
    List<Change> changes = changes();
    AddressRecords records = RecordsNamespace.records(cluster, namespace());
    if (changes.stream().anyMatch(change -> change.owner().isPresent())) {
      judge(cluster, changes);
    }
    try {
      if (usage && contested) {
        throw CliException.usage("node addresses: got --usage and --contested; want one of them");
      }
      if (changes.isEmpty()) {
        if (usage) {
          listUsage(records);
        } else {
          list(records);
        }
        return ExitStatus.OK;
      }
      if (node.isPresent() || contested || usage) {
        throw CliException.usage(
            "node addresses: got something to list and something to change; want one of them");
      }
      for (Change change : changes) {
        settle(records, change);
      }
      return ExitStatus.OK;
    } catch (IllegalStateException e) {
      throw new CliException(ExitStatus.INTERNAL, String.valueOf(e.getMessage()), e);
    }
  }

  private List<Change> changes() throws CliException {
    List<Change> changes = new ArrayList<>();
    for (String text : assign) {
      int equals = text.indexOf('=');
      Optional<NodeName> owner = NodeName.parse(text.substring(equals + 1));
      if (equals < 1 || owner.isEmpty()) {
        throw CliException.usage("--assign: got \"" + text + "\"; want ADDRESS=NODE");
      }
      changes.add(new Change(claimable("--assign", text.substring(0, equals)), owner));
    }
    for (String text : release) {
      changes.add(new Change(claimable("--release", text), Optional.empty()));
    }
    return changes;
  }

  /** Refuses what the approver would take back, before anything is changed. */
  private void judge(ClusterAccess cluster, List<Change> changes) throws CliException {
    PolicyInForce inForce = policy.live(cluster, namespace());
    ClusterObjects objects = LiveObjects.facts(cluster, namespace(), console);
    Instant now = InstantSource.system().instant();
    for (Change change : changes) {
      Optional<NodeFact> owner = change.owner().flatMap(objects::nodeNamed);
      if (owner.isPresent()) {
        switch (Assignment.of(change.address(), owner.get(), objects, inForce.config(), now)) {
          case Assignment.Lasting() -> {}
          case Assignment.Provisional(String condition) ->
              console.err().println("warning: " + condition);
          case Assignment.Futile(String got, String next) ->
              throw new CliException(
                  ExitStatus.REFUSED,
                  "--assign: got "
                      + got
                      + "; want what an assignment gives to a Node (policy: "
                      + inForce.source()
                      + "); "
                      + next);
        }
      }
    }
  }

  private static NameOrAddress claimable(String option, String text) throws CliException {
    return AddressRecords.parse(text)
        .orElseThrow(
            () ->
                CliException.usage(
                    option + ": got \"" + text + "\"; want an IP address or a DNS name"));
  }

  private void settle(AddressRecords records, Change change) throws CliException, IOException {
    boolean only = dryRun.wanted();
    Settlement settlement = write(records, change, only || interactive);
    if (interactive && !only && settlement instanceof Settlement.Settled) {
      tell(change, settlement, " (not yet)");
      if (!agreed()) {
        console.err().println(change.address().key() + " left as it is");
        return;
      }
      settlement = write(records, change, false);
    }
    tell(change, settlement, dryRun.note());
  }

  private static Settlement write(AddressRecords records, Change change, boolean dryRun) {
    return change.owner().isPresent()
        ? records.assign(change.address(), change.owner().get(), dryRun)
        : records.release(change.address(), dryRun);
  }

  private boolean agreed() throws IOException {
    console.err().print("change it? (y/n): ");
    console.err().flush();
    String answer = new String(readLine(), StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
    return answer.equals("y") || answer.equals("yes");
  }

  /** One line, byte by byte, so that what follows is left for the next question. */
  private static byte[] readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = System.in.read(); b >= 0 && b != '\n'; b = System.in.read()) {
      line.write(b);
    }
    return line.toByteArray();
  }

  private void tell(Change change, Settlement settlement, String suffix) throws CliException {
    String address = change.address().key();
    switch (settlement) {
      case Settlement.NoSuchNode(String missing) ->
          throw CliException.usage(
              "--assign: got " + missing + "; want the name of a Node that exists");
      case Settlement.Unchanged(OwnershipRecord entry) ->
          console.out().println(address + " unchanged, " + state(change.address(), entry) + suffix);
      case Settlement.Settled(OwnershipRecord before, OwnershipRecord after) -> {
        console
            .out()
            .println(
                address
                    + change.owner().map(owner -> " assigned to " + owner).orElse(" released")
                    + ", was "
                    + state(change.address(), before)
                    + suffix);
        if (!after.waiting().isEmpty()) {
          console
              .err()
              .println(
                  "these wait for it: "
                      + String.join(", ", new AddressRecord(change.address(), after).waiting()));
        }
      }
    }
  }

  private void list(AddressRecords records) {
    List<AddressRecord> shown =
        records.list().stream()
            .filter(record -> node.isEmpty() || record.concerns(node.get()))
            .filter(record -> !contested || record.isContested() || record.owner().isEmpty())
            .toList();
    if (!format.isTable()) {
      Document.printItems(
          console, format.format(), shown.stream().map(NodeAddresses::document).toList());
      return;
    }
    if (shown.isEmpty()) {
      console.err().println("no such records in namespace " + records.namespace());
      return;
    }
    Instant now = InstantSource.system().instant();
    Table table = Table.of("ADDRESS", "OWNER", "STATE", "SINCE", "CLAIMED BY");
    for (AddressRecord record : shown) {
      table.row(
          record.address().key(),
          record.owner().orElse("<none>"),
          record.state(),
          record.since().map(at -> Durations.human(Duration.between(at, now))).orElse("-"),
          record.waiting().isEmpty() ? "-" : String.join(",", record.waiting()));
    }
    table.print(console);
  }

  private void listUsage(AddressRecords records) {
    List<NodeUsage> shown =
        records.usage(Limits.defaults().names()).stream()
            .filter(one -> node.isEmpty() || one.node().equals(node.get()))
            .toList();
    if (!format.isTable()) {
      Document.printItems(
          console, format.format(), shown.stream().map(NodeAddresses::document).toList());
      return;
    }
    Table table = Table.of("NODE", "OWNED", "LEFT", "WAITING", "BYTES", "NOT ON RECORD");
    for (NodeUsage one : shown) {
      table.row(
          one.node(),
          Integer.toString(one.held()),
          Integer.toString(one.left()),
          Integer.toString(one.waiting()),
          Integer.toString(one.bytes()),
          one.unrecorded().isEmpty()
              ? "-"
              : one.unrecorded().size()
                  + ": "
                  + String.join(", ", one.unrecorded().keySet().stream().sorted().limit(3).toList())
                  + (one.unrecorded().size() > 3 ? ", …" : ""));
    }
    table.print(console);
  }

  private static Map<String, Object> document(NodeUsage usage) {
    Map<String, Object> document = Document.ofKind("NodeAddressUsage");
    document.put("node", usage.node());
    document.put("owned", usage.held());
    document.put("left", usage.left());
    document.put("waiting", usage.waiting());
    document.put("bytes", usage.bytes());
    document.put("notOnRecord", new TreeMap<>(usage.unrecorded()));
    return document;
  }

  private static String state(NameOrAddress address, OwnershipRecord entry) {
    String word = new AddressRecord(address, entry).state();
    return entry.state() instanceof OwnershipRecord.State.Held held
        ? "owned by " + held.holder().node() + " (" + word + ")"
        : word;
  }

  private static Map<String, Object> document(AddressRecord record) {
    Map<String, Object> document = Document.ofKind("AddressRecord");
    document.put("address", record.address().key());
    record.owner().ifPresent(owner -> document.put("owner", owner));
    document.put("state", record.state());
    record.since().ifPresent(at -> document.put("since", at.toString()));
    List<Map<String, Object>> claimants = new ArrayList<>();
    for (OwnershipRecord.Waiting other : record.entry().waiting()) {
      claimants.add(
          Map.of("node", other.claimant().node().text(), "since", other.since().toString()));
    }
    document.put("claimedBy", claimants);
    if (record.entry().unlisted() > 0) {
      document.put("claimedByFurther", record.entry().unlisted());
    }
    return document;
  }
}
