package dev.countersign.cli.token;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.TokenGroup;
import dev.countersign.cluster.token.TokenReport;
import dev.countersign.cluster.token.TokenSecrets.Described;
import dev.countersign.cluster.token.TokenSpec;
import dev.countersign.cluster.token.TokenUsage;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.time.Durations;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code token list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = {
      "List bootstrap tokens, never their secrets, and who used each and when: from the requests"
          + " that are still there (Kubernetes deletes them after an hour or a day) and from the"
          + " records of strict join."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign token list -o json"})
public final class TokenList extends ClusterCommand {
  private final Console console;

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private FormatOption format = new FormatOption();

  TokenList(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) {
    Instant now = InstantSource.system().instant();
    List<TokenReport> reports = join.tokens(cluster).list();
    if (format.isTable()) {
      printTable(reports, now);
    } else {
      Document.printItems(
          console, format.format(), reports.stream().map(report -> document(report, now)).toList());
    }
    return ExitStatus.OK;
  }

  private void printTable(List<TokenReport> reports, Instant now) {
    if (reports.isEmpty()) {
      console.err().println("no bootstrap tokens in kube-system");
      return;
    }
    Table table =
        Table.of("TOKEN", "EXPIRES", "USAGES", "NODES", "USES", "LAST USED BY", "DESCRIPTION");
    for (TokenReport report : reports) {
      switch (report.token()) {
        case Described.Unusable(String name, String path, String got, String want) ->
            table.row(
                name, "-", "unusable", "-", "-", "-", path + ": got " + got + "; want " + want);
        case Described.Token(TokenId id, TokenSpec spec) ->
            table.row(
                id.value(),
                expires(spec, now),
                String.join(",", spec.usages().stream().map(TokenUsage::label).toList()),
                report
                    .grant()
                    .map(g -> String.join(",", g.nodes().stream().map(NodePattern::text).toList()))
                    .orElse("<unbound>"),
                report.grant().map(TokenList::uses).orElse("-"),
                lastUse(report, now),
                spec.description().orElse(""));
      }
    }
    table.print(console);
  }

  private static String expires(TokenSpec spec, Instant now) {
    return spec.expiration()
        .map(end -> end.isAfter(now) ? Durations.human(Duration.between(now, end)) : "expired")
        .orElse("never");
  }

  private static String uses(BootstrapTokenGrant grant) {
    return grant.joins().size() + "/" + (grant.uses().isPresent() ? grant.uses().getAsInt() : "-");
  }

  private static String lastUse(TokenReport report, Instant now) {
    if (report.uses().isEmpty()) {
      return "<none visible>";
    }
    List<TokenReport.Use> refused =
        report.uses().stream().filter(TokenReport.Use::isDenied).toList();
    // who got in matters more than who tried last
    TokenReport.Use last =
        report.uses().stream()
            .filter(use -> !use.isDenied())
            .reduce((_, later) -> later)
            .orElseGet(refused::getLast);
    return last.node()
        + " "
        + Durations.human(Duration.between(last.at(), now))
        + " ago ("
        + last.stateText()
        + ")"
        + (refused.isEmpty() ? "" : ", " + refused.size() + " denied");
  }

  private static Map<String, Object> document(TokenReport report, Instant now) {
    Map<String, Object> document = Document.ofKind("BootstrapToken");
    switch (report.token()) {
      case Described.Unusable(String name, String path, String got, String want) -> {
        document.put("secret", name);
        document.put("usable", false);
        document.put("problem", path + ": got " + got + "; want " + want);
      }
      case Described.Token(TokenId id, TokenSpec spec) -> {
        document.put("id", id.value());
        document.put("usable", !spec.expiredAt(now));
        spec.expiration().ifPresent(end -> document.put("expiration", end.toString()));
        document.put("usages", spec.usages().stream().map(TokenUsage::label).toList());
        document.put("groups", spec.groups().stream().map(TokenGroup::name).toList());
        spec.description().ifPresent(words -> document.put("description", words));
        report
            .grant()
            .ifPresent(
                grant -> {
                  Map<String, Object> bound = new LinkedHashMap<>();
                  bound.put("nodes", grant.nodes().stream().map(NodePattern::text).toList());
                  if (grant.uses().isPresent()) {
                    bound.put("uses", grant.uses().getAsInt());
                  }
                  bound.put("taken", grant.joins().size());
                  bound.put("rejoin", grant.rejoin());
                  bound.put("inventoryRequired", grant.inventoryRequired());
                  bound.put("attestationRequired", grant.attestationRequired());
                  document.put("grant", bound);
                });
        List<Map<String, Object>> uses = new ArrayList<>();
        for (TokenReport.Use use : report.uses()) {
          Map<String, Object> entry = new LinkedHashMap<>();
          entry.put("node", use.node());
          use.request().ifPresent(name -> entry.put("request", name));
          entry.put("at", use.at().toString());
          entry.put("state", use.stateText());
          uses.add(entry);
        }
        document.put("usedBy", uses);
      }
    }
    return document;
  }
}
