package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.ConnectionOptions;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.printer.ListFlags;
import dev.countersign.cli.printer.ListItem;
import dev.countersign.cli.printer.ListPrinter;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyWarnings;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy check}. */
@Command(
    name = "check",
    description = {
      "Read a policy file and print what is wrong in it, and what is allowed but perhaps not meant."
          + " With --live it also decides on every request in the cluster, and with --facts on"
          + " those of files, and shows those whose decision it would change: that of their"
          + " condition, or, while they are pending, of the policy in force.",
      "Nothing is written. A request that is decided already is evaluated with the facts of now:"
          + " its Node may have changed since. Exits with status 3 if the file is wrong or a"
          + " decision changes."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign policy check policy.yaml",
      "  countersign policy check policy.yaml --live",
      "  countersign policy check policy.yaml --facts requests.yaml --facts nodes.yaml"
    })
public final class PolicyCheck implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "The policy; - for standard input.")
  private Path file = Path.of("-");

  @Option(names = "--live", description = "Decide on every request in the cluster.")
  private boolean live;

  @Option(
      names = "--facts",
      paramLabel = "FILE",
      description =
          "Decide on the requests of these files, which hold Kubernetes objects as csr explain"
              + " takes them. May be repeated.")
  private List<Path> facts = new ArrayList<>();

  @Option(names = "--all", description = "Show requests, too, whose decision stays as it is.")
  private boolean all;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Mixin private PolicyOption current = new PolicyOption();

  @Mixin private PolicyFilesOption policyFiles = new PolicyFilesOption();

  @Mixin private JoinFactOptions join = new JoinFactOptions();

  @Mixin private ListFlags format = new ListFlags();

  PolicyCheck(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException {
    if (live && !facts.isEmpty()) {
      throw CliException.usage("policy check: got --live and --facts; want one of them");
    }
    if (!live && connection.namespace().isPresent()) {
      throw CliException.usage("--namespace: got it without --live; want both, or neither");
    }
    String name = file.toString();
    String text = UserFile.readOrStandardInput(file, "a policy");
    PolicyConfig config =
        switch (ApprovalPolicyFile.parse(text)) {
          case ParseResult.Parsed<PolicyConfig>(PolicyConfig parsed) -> parsed;
          case ParseResult.Refused<PolicyConfig> refused ->
              throw new CliException(ExitStatus.REFUSED, name + ":\n" + refused.message());
        };
    List<PolicyWarnings.Warning> warnings = new ArrayList<>(ApprovalPolicyFile.deprecations(text));
    warnings.addAll(PolicyWarnings.of(config));
    for (PolicyWarnings.Warning warning : warnings) {
      console.err().println(console.errStyled(Style.WARNING, "warning: ") + warning);
    }
    if (!live && facts.isEmpty()) {
      console.err().println(name + ": an ApprovalPolicy");
      return ExitStatus.OK.code();
    }
    PolicyInForce checked = PolicyInForce.ofFile(config, name);
    return print(live ? live(checked) : offline(checked)).code();
  }

  private List<PolicyChange> live(PolicyInForce checked) throws CliException {
    try (ClusterAccess cluster = connection.open()) {
      try {
        Optional<String> namespace = connection.namespace();
        ClusterObjects objects =
            LiveObjects.all(cluster, namespace, Optional.empty(), console).objects();
        PolicyInForce inForce = current.live(cluster, namespace);
        PolicyInForce then = checked.withApprover(inForce.approver());
        ServerNames.of(cluster).tell(console);
        try (CsrEvaluator before = CsrEvaluator.live(inForce, policyFiles, join, objects, cluster);
            CsrEvaluator after = CsrEvaluator.live(then, policyFiles, join, objects, cluster)) {
          List<PolicyChange> changes = compare(before, after, objects);
          after.tell(console);
          return changes;
        }
      } catch (KubernetesClientException e) {
        throw ClusterCommand.failure(cluster, e);
      }
    }
  }

  private List<PolicyChange> offline(PolicyInForce checked) throws CliException {
    List<String> texts = new ArrayList<>();
    for (Path path : facts) {
      texts.add(UserFile.readOrStandardInput(path, "Kubernetes objects"));
    }
    ClusterObjects objects = LiveObjects.parse(texts);
    try (CsrEvaluator now = CsrEvaluator.offline(current.offline(), join, objects);
        CsrEvaluator then = CsrEvaluator.offline(checked, join, objects)) {
      return compare(now, then, objects);
    }
  }

  private static List<PolicyChange> compare(
      CsrEvaluator before, CsrEvaluator after, ClusterObjects objects) {
    List<CsrSpec> requests = objects.requests();
    List<Explanation> now = before.explain(requests);
    List<Explanation> then = after.explain(requests.stream().map(CsrSpec::undecided).toList());
    List<PolicyChange> changes = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      changes.add(new PolicyChange(requests.get(i), now.get(i), then.get(i)));
    }
    return changes;
  }

  private ExitStatus print(List<PolicyChange> changes) {
    Instant now = InstantSource.system().instant();
    List<PolicyChange> different = changes.stream().filter(PolicyChange::differs).toList();
    List<ListItem> items =
        (all ? changes : different).stream().map(change -> change.item(now)).toList();
    if (!items.isEmpty() || !format.isTable()) {
      new ListPrinter(console, format, PolicyChange.COLUMNS).print(items);
    }
    long more = different.stream().filter(change -> change.proposed().approves()).count();
    long less = different.stream().filter(PolicyChange::wasApproved).count();
    console
        .err()
        .println(
            "%d requests: %d unchanged, %d newly approved, %d no longer approved, %d otherwise changed"
                .formatted(
                    changes.size(),
                    changes.size() - different.size(),
                    more,
                    less,
                    different.size() - more - less));
    return different.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
  }
}
