package dev.countersign.cluster.report;

import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.address.AddressRecords;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.report.ClusterReport.Finding;
import dev.countersign.cluster.report.ClusterReport.Health;
import dev.countersign.cluster.report.ClusterReport.Row;
import dev.countersign.cluster.token.TokenReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lays a {@link ClusterReport} out: findings, nodes, addresses, requests, tokens. */
public final class ClusterPage {
  private static final Optional<String> NO_GROUP = Optional.empty();

  private final ClusterReport report;

  private ClusterPage(ClusterReport report) {
    this.report = report;
  }

  /** The page of a report. */
  public static Page of(ClusterReport report) {
    ClusterPage page = new ClusterPage(report);
    List<Page.Section> sections = new ArrayList<>();
    sections.add(page.findings());
    sections.add(page.nodes());
    sections.add(page.addresses());
    sections.add(page.requests());
    sections.add(page.tokens());
    if (!report.notLookedAt().isEmpty()) {
      sections.add(page.notLookedAt());
    }
    return new Page(
        "Node identities",
        report.at(),
        List.of(
            new Page.Fact("API server", report.server()),
            new Page.Fact(
                "Client certificates",
                report.snapshot().strictJoin()
                    ? "approved by strict join, with token grants"
                    : "approved by kube-controller-manager, with RBAC"),
            new Page.Fact("Approver", page.approver())),
        sections);
  }

  private String approver() {
    return switch (report.snapshot().approver()) {
      case ClusterSnapshot.Approver.Ready() -> "ready";
      case ClusterSnapshot.Approver.NotReady(String where) ->
          "not ready: " + where + " has no ready pod";
      case ClusterSnapshot.Approver.NotDeployed() -> "not deployed in this cluster";
    };
  }

  private Page.Section findings() {
    return new Page.Section(
        "findings",
        "Findings",
        "Problems that node doctor and node verify found, and how to fix them.",
        report.snapshot().complete()
            ? "No problems found."
            : "No problems found, but some checks could not run.",
        List.of("Cause", "Object", "Problem", "Next step"),
        Optional.of("Cause"),
        report.findings().stream()
            .<List<Cell>>map(
                finding ->
                    List.of(
                        new Cell.State(Cell.Level.WARNING, finding.cause()),
                        new Cell.Code(finding.where()),
                        new Cell.Text(finding.what()),
                        new Cell.Text(finding.next())))
            .toList());
  }

  private Page.Section nodes() {
    Map<String, String> owners = report.owners();
    return new Page.Section(
        "nodes",
        "Nodes",
        "In the timeline, the upper bar is the serving certificate and the lower bar is the client"
            + " certificate. The kubelet renews a certificate in the hatched period. The vertical"
            + " line is the time of this report. A dashed line means that the start is unknown. The"
            + " date after \"renews\" is the earliest time of renewal. Names and addresses are"
            + " those in the serving certificate, with the owner where it is not the node itself.",
        "No nodes.",
        List.of(
            "Node",
            "State",
            "Timeline",
            "Serving certificate",
            "Client certificate",
            "Names and addresses",
            "Findings"),
        Optional.of("State"),
        report.rows().stream()
            .sorted(Comparator.comparing(Row::health).thenComparing(row -> row.node().name()))
            .<List<Cell>>map(
                row ->
                    List.of(
                        new Cell.Code(row.node().name()),
                        new Cell.State(level(row.health()), row.health().text()),
                        new Cell.TimeLine(row.servingValidity(), row.node().client()),
                        new Cell.Validity(row.servingValidity()),
                        new Cell.Validity(row.node().client()),
                        new Cell.Items(names(row, owners)),
                        new Cell.Items(
                            row.findings().stream().map(Finding::cause).distinct().toList())))
            .toList());
  }

  private static Cell.Level level(Health health) {
    return switch (health) {
      case EXPIRED -> Cell.Level.BAD;
      case RENEWAL_LATE, FINDING -> Cell.Level.WARNING;
      case NOT_SEEN -> Cell.Level.PLAIN;
      case OK -> Cell.Level.GOOD;
    };
  }

  private List<String> names(Row row, Map<String, String> owners) {
    List<String> names = row.serving().map(one -> one.names()).orElse(row.node().addresses());
    if (report.addresses().isEmpty()) {
      return names;
    }
    return names.stream()
        .map(
            name -> {
              String owner =
                  AddressRecords.parse(name).map(key -> owners.get(key.key())).orElse(null);
              return owner == null
                  ? name + " (no owner on record)"
                  : owner.equals(row.node().name()) ? name : name + " (owned by " + owner + ")";
            })
        .toList();
  }

  private Page.Section addresses() {
    return new Page.Section(
        "addresses",
        "Names and addresses",
        "The owner of each name and address in the approver's records, and the other nodes that"
            + " claim it. A node gets certificates only for the names and addresses that it owns."
            + " Contested ones come first.",
        report.addresses().isEmpty() ? "The records could not be read." : "No records.",
        List.of("Name or address", "Owner", "State", "Since", "Also claimed by"),
        Optional.of("State"),
        report.addresses().orElse(List.of()).stream()
            .sorted(
                Comparator.comparing(AddressRecord::isContested)
                    .reversed()
                    .thenComparing(record -> record.address().key()))
            .<List<Cell>>map(
                record ->
                    List.of(
                        new Cell.Code(record.address().key()),
                        new Cell.Code(record.owner().orElse("")),
                        record.isContested()
                            ? new Cell.State(
                                Cell.Level.WARNING,
                                record.owner().isPresent() ? "contested" : record.state())
                            : new Cell.State(Cell.Level.PLAIN, record.state()),
                        new Cell.Moment(record.since()),
                        new Cell.Items(record.waiting())))
            .toList());
  }

  private Page.Section requests() {
    return new Page.Section(
        "requests",
        "Requests without a certificate",
        "Pending requests, with the first reason why the current policy does not approve them;"
            + " denied and failed requests; and approved requests that are not signed yet."
            + " Kubernetes deletes a denied request after one hour and a pending request after 24"
            + " hours.",
        "No such requests.",
        List.of(
            "Request",
            "State",
            "Reason",
            "Signer",
            "Requestor",
            "Requested names",
            "Since",
            "Message"),
        Optional.of("Reason"),
        report.openRequests().stream()
            .sorted(Comparator.comparing(RequestView::state).thenComparing(RequestView::since))
            .<List<Cell>>map(this::request)
            .toList());
  }

  private List<Cell> request(RequestView request) {
    List<String> asked = new ArrayList<>();
    request.subject().node().ifPresent(node -> asked.add("system:node:" + node));
    asked.addAll(request.subject().names());
    Cell.Level level =
        switch (request.state()) {
          case PENDING, APPROVED -> Cell.Level.WARNING;
          case DENIED, FAILED -> Cell.Level.BAD;
          case ISSUED -> Cell.Level.GOOD;
        };
    return List.of(
        new Cell.Code(request.name()),
        new Cell.State(level, request.state().text()),
        new Cell.Text(report.reason(request).orElse("")),
        new Cell.Text(request.serving() ? "kubelet-serving" : "kube-apiserver-client-kubelet"),
        new Cell.Code(request.user()),
        new Cell.Items(asked),
        new Cell.Moment(Optional.of(request.since())),
        new Cell.Text(request.message().orElse("")));
  }

  private Page.Section tokens() {
    return new Page.Section(
        "tokens",
        "Bootstrap tokens",
        "IDs only, no secrets. Uses are read from the requests that still exist and from the"
            + " records of strict join.",
        "No tokens.",
        List.of("Token", "State", "Expires", "Allowed nodes", "Used by", "Problem"),
        Optional.of("State"),
        report.snapshot().tokens().stream().<List<Cell>>map(this::token).toList());
  }

  private List<Cell> token(TokenView token) {
    return List.of(
        new Cell.Code(token.name()),
        token.problem().isPresent()
            ? new Cell.State(Cell.Level.WARNING, "unusable")
            : token.hasExpired(report.at())
                ? new Cell.State(Cell.Level.PLAIN, "expired")
                : token.expiration().isEmpty()
                    ? new Cell.State(Cell.Level.WARNING, "never expires")
                    : new Cell.State(Cell.Level.GOOD, "usable"),
        new Cell.Moment(token.expiration()),
        new Cell.Items(token.nodes()),
        new Cell.Items(token.uses().stream().map(ClusterPage::use).toList()),
        new Cell.Text(token.problem().orElse("")));
  }

  private static String use(TokenReport.Use use) {
    return use.node() + ", " + use.at() + ", " + use.stateText();
  }

  private Page.Section notLookedAt() {
    return new Page.Section(
        "missing",
        "Not checked",
        "Checks that could not run. This page does not show the problems that they would find.",
        "",
        List.of("Check and reason"),
        NO_GROUP,
        report.notLookedAt().stream()
            .<List<Cell>>map(what -> List.of(new Cell.Text(what)))
            .toList());
  }
}
