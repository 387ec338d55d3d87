package dev.countersign.cli.node;

import dev.countersign.cli.terminal.Document;
import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.report.ClusterReport;
import dev.countersign.cluster.report.ClusterReport.Finding;
import dev.countersign.cluster.report.ClusterReport.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report for scripts. */
final class ReportDocument {
  private ReportDocument() {}

  static Map<String, Object> of(ClusterReport report) {
    Map<String, Object> document = Document.ofKind("NodeReport");
    document.put("server", report.server());
    document.put("at", report.at().toString());
    document.put("complete", report.snapshot().complete());
    document.put("nodes", report.rows().stream().map(ReportDocument::node).toList());
    document.put("findings", report.findings().stream().map(ReportDocument::finding).toList());
    document.put(
        "addresses",
        report.addresses().orElse(List.of()).stream().map(ReportDocument::address).toList());
    document.put(
        "requests",
        report.openRequests().stream().map(request -> request(request, report)).toList());
    document.put("tokens", report.snapshot().tokens().stream().map(ReportDocument::token).toList());
    document.put("notLookedAt", report.notLookedAt());
    return document;
  }

  private static Map<String, Object> node(Row row) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("node", row.node().name());
    document.put("state", row.health().text());
    document.put("addresses", row.node().addresses());
    row.serving()
        .ifPresent(
            served -> {
              Map<String, Object> certificate = validity(served.validity());
              certificate.put("serial", served.serial());
              certificate.put("names", served.names());
              certificate.put(
                  "served", row.node().served().flatMap(NodeReport::certificate).isPresent());
              document.put("servingCertificate", certificate);
            });
    row.node().client().ifPresent(client -> document.put("clientCertificate", validity(client)));
    document.put("findings", row.findings().stream().map(Finding::cause).distinct().toList());
    return document;
  }

  private static Map<String, Object> validity(CertificateValidity certificate) {
    Map<String, Object> document = new LinkedHashMap<>();
    certificate.notBefore().ifPresent(at -> document.put("notBefore", at.toString()));
    document.put("notAfter", certificate.notAfter().toString());
    return document;
  }

  private static Map<String, Object> finding(Finding finding) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("cause", finding.cause());
    document.put("where", finding.where());
    document.put("what", finding.what());
    document.put("next", finding.next());
    return document;
  }

  private static Map<String, Object> address(AddressRecord record) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("address", record.address().key());
    record.owner().ifPresent(owner -> document.put("owner", owner));
    document.put("state", record.state());
    record.since().ifPresent(at -> document.put("since", at.toString()));
    document.put("contested", record.isContested());
    document.put("claimedBy", record.waiting());
    return document;
  }

  private static Map<String, Object> request(RequestView request, ClusterReport report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", request.name());
    document.put("state", request.state().text());
    report.reason(request).ifPresent(reason -> document.put("reason", reason));
    document.put(
        "signerName",
        request.serving()
            ? "kubernetes.io/kubelet-serving"
            : "kubernetes.io/kube-apiserver-client-kubelet");
    document.put("requestor", request.user());
    request.subject().node().ifPresent(node -> document.put("node", node));
    document.put("names", request.subject().names());
    document.put("since", request.since().toString());
    request.message().ifPresent(message -> document.put("message", message));
    return document;
  }

  private static Map<String, Object> token(TokenView token) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", token.name());
    token.problem().ifPresent(problem -> document.put("problem", problem));
    token.expiration().ifPresent(end -> document.put("expiration", end.toString()));
    document.put("nodes", token.nodes());
    document.put(
        "usedBy",
        token.uses().stream()
            .map(
                use ->
                    Map.of("node", use.node(), "at", use.at().toString(), "state", use.stateText()))
            .toList());
    return document;
  }
}
