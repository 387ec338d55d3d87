package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.printer.ListItem;
import dev.countersign.cli.printer.ListPrinter.Column;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.common.time.Durations;
import dev.countersign.policy.check.ParsedCsr;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One request of {@code csr list}.
 *
 * @param csr the request
 * @param labels {@code metadata.labels}
 * @param explanation the decision, and why
 */
record CsrReading(CsrSpec csr, Map<String, String> labels, Explanation explanation) {
  /** The columns of {@link #item}. */
  static final Column[] COLUMNS = {
    Column.of("NAME"),
    Column.of("SIGNER"),
    Column.of("REQUESTOR"),
    Column.of("AGE"),
    Column.of("CONDITION"),
    Column.of("DECISION").in(CsrReading::style),
    Column.of("FIRST REASON"),
    Column.of("NAMES").onlyWide(),
    Column.of("REQUESTEDDURATION").onlyWide(),
    Column.of("WHY").onlyWide()
  };

  CsrReading {
    labels = Map.copyOf(labels);
  }

  /** Whether it waits for us, or for kube-controller-manager where that decides. */
  boolean waits() {
    return csr.isPending()
        && (csr.signer().equals(SignerName.KUBELET_CLIENT)
            || !(explanation.outcome() instanceof Outcome.Ignore));
  }

  /** What changes when something happens to it: not its age. */
  List<Object> state() {
    return List.of(csr.uid(), condition(), explanation.outcome(), explanation.findings());
  }

  ListItem item(PolicyInForce policy, Instant now) {
    Duration age = Duration.between(csr.created(), now);
    return new ListItem(
        CsrItem.resource(csr),
        document(policy, age),
        List.of(
            csr.name(),
            CsrItem.shortSigner(csr),
            csr.requestor().username(),
            Durations.human(age),
            condition(),
            csr.isPending() ? explanation.word() : CsrItem.NONE,
            CsrItem.firstReason(explanation),
            String.join(",", names()),
            csr.expiration().map(Durations::human).orElse("<none>"),
            CsrItem.firstCause(explanation)));
  }

  private Map<String, Object> document(PolicyInForce policy, Duration age) {
    Map<String, Object> document =
        CsrItem.document("CertificateSigningRequestDecision", csr, labels);
    document.put("name", csr.name());
    document.put("signerName", csr.signer().text());
    document.put("requestor", csr.requestor().username());
    document.put("ageSeconds", age.toSeconds());
    document.put("condition", condition());
    document.put("names", names());
    document.put("decision", explanation.word());
    document.put("firstReason", CsrItem.firstReason(explanation));
    document.put("reasons", explanation.reasons());
    document.put("policy", policy.source());
    return document;
  }

  /** As kubectl prints it: {@code Pending}, {@code Approved,Issued}, {@code Denied}. */
  private String condition() {
    List<String> words = new ArrayList<>(csr.conditions());
    if (csr.issued()) {
      words.add("Issued");
    }
    return words.isEmpty() ? "Pending" : String.join(",", words);
  }

  private List<String> names() {
    ParsedCsr inspection = ParsedCsr.of(csr, csr.request().size());
    return Stream.concat(
            inspection.names().stream().map(ParsedCsr.RequestedName::asWritten),
            inspection.addresses().stream().map(requested -> requested.address().toString()))
        .toList();
  }

  private static Optional<Style> style(String decision) {
    return switch (decision) {
      case "approve" -> Optional.of(Style.GOOD);
      case "defer" -> Optional.of(Style.WARNING);
      case "deny" -> Optional.of(Style.BAD);
      default -> Optional.empty();
    };
  }
}
