package dev.countersign.cli.node;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.doctor.Complaint;
import dev.countersign.cluster.doctor.Diagnosis;
import dev.countersign.cluster.doctor.Examination;
import dev.countersign.cluster.doctor.Picture;
import dev.countersign.cluster.token.JoinRecords;
import dev.countersign.cluster.token.TokenStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node doctor}. */
@Command(
    name = "doctor",
    description = {
      "Find out why kubelets have no certificate, and say what to do next, one line each. Changes"
          + " nothing. Ends with status 3 where it finds something."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Examples:", "  countersign node doctor", "  countersign node doctor worker-1"})
public final class NodeDoctor extends ClusterCommand {
  private final Console console;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Nodes to look at; all where none is named.")
  private List<String> names = List.of();

  @Option(
      names = "--dial",
      description = "Dial kubelets from here, too; needs a route to the nodes.")
  private boolean dial;

  @Option(
      names = "--approver-account",
      paramLabel = "NAMESPACE:NAME",
      defaultValue = "countersign:countersign-approver",
      description = "The approver's service account. Default: ${DEFAULT-VALUE}.")
  private String approverAccount = "countersign:countersign-approver";

  @Option(
      names = "--join-namespace",
      paramLabel = "NAME",
      defaultValue = JoinRecords.NAMESPACE,
      description = "Where join grants are kept. Default: ${DEFAULT-VALUE}.")
  private String joinNamespace = JoinRecords.NAMESPACE;

  @Mixin private VerifierOptions verifierOptions = new VerifierOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, json or yaml. Default: ${DEFAULT-VALUE}.")
  private OutputFormat format = OutputFormat.TABLE;

  NodeDoctor(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CommandFailure, IOException {
    if (!approverAccount.matches("[^:]+:[^:]+")) {
      throw CommandFailure.usage(
          "--approver-account: got " + approverAccount + "; want NAMESPACE:NAME");
    }
    Picture picture =
        new Examination(
                cluster.client(),
                new TokenStore(
                    cluster.client(),
                    new JoinRecords(cluster.client(), joinNamespace),
                    new SecureRandom(),
                    InstantSource.system()),
                verifierOptions.verifier(cluster),
                InstantSource.system(),
                joinNamespace,
                approverAccount)
            .look(names, dial);
    for (String name : names) {
      if (picture.nodes().stream().noneMatch(node -> node.name().equals(name))) {
        throw CommandFailure.usage(
            "NAME: got "
                + name
                + "; want the name of a Node; one that never joined has none: countersign node"
                + " doctor without a name looks at its requests");
      }
    }
    List<Complaint> complaints = Diagnosis.of(picture);
    if (format == OutputFormat.TABLE) {
      print(complaints, picture);
    } else {
      document(complaints, picture);
    }
    return complaints.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  private void print(List<Complaint> complaints, Picture picture) {
    if (complaints.isEmpty()) {
      console.out().println("nothing found on " + picture.nodes().size() + " nodes");
    } else {
      Table table = Table.of("CAUSE", "WHERE", "WHAT", "NEXT");
      for (Complaint complaint : complaints) {
        table.row(complaint.cause().name(), complaint.where(), complaint.what(), complaint.next());
      }
      table.lines().forEach(console.out()::println);
    }
    picture
        .blanks()
        .forEach(blank -> console.err().println("not looked at: " + Console.printable(blank)));
  }

  private void document(List<Complaint> complaints, Picture picture) {
    List<Map<String, Object>> items = new ArrayList<>();
    for (Complaint complaint : complaints) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("cause", complaint.cause().name());
      item.put("where", complaint.where());
      item.put("what", complaint.what());
      item.put("next", complaint.next());
      items.add(item);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("items", items);
    document.put("notLookedAt", picture.blanks());
    Document.print(console, format, document);
  }
}
