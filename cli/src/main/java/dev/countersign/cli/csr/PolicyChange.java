package dev.countersign.cli.csr;

import dev.countersign.cli.printer.ListItem;
import dev.countersign.cli.printer.ListPrinter.Column;
import dev.countersign.common.time.Durations;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.request.CsrSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a policy makes of a request, beside the current decision.
 *
 * @param csr the request
 * @param current by the policy in force
 * @param proposed by the policy that is checked, as if nobody had decided yet
 */
record PolicyChange(CsrSpec csr, Explanation current, Explanation proposed) {
  /** The columns of {@link #item}. */
  static final Column[] COLUMNS = {
    Column.of("NAME"),
    Column.of("REQUESTOR"),
    Column.of("AGE"),
    Column.of("CURRENT"),
    Column.of("PROPOSED"),
    Column.of("FIRST REASON"),
    Column.of("SIGNER").onlyWide(),
    Column.of("WHY").onlyWide()
  };

  /** By its condition, else by the policy in force: approve, deny, hold, ignore or failed. */
  String word() {
    if (csr.conditions().contains(CsrSpec.DENIED)) {
      return "deny";
    }
    if (csr.conditions().contains(CsrSpec.FAILED)) {
      return "failed";
    }
    return wasDecided() ? "approve" : current.word();
  }

  private boolean wasDecided() {
    return csr.issued() || csr.conditions().contains(CsrSpec.APPROVED);
  }

  /** Whether it is decided otherwise; of one that its signer failed, or that goes, nothing is. */
  boolean differs() {
    return !csr.deleting()
        && !csr.conditions().contains(CsrSpec.FAILED)
        && !proposed.word().equals(word())
        // Who approved what countersign leaves to others goes on doing so.
        && !(proposed.outcome() instanceof Explanation.Outcome.Ignore && !csr.isPending());
  }

  boolean wasApproved() {
    return word().equals("approve");
  }

  ListItem item(Instant now) {
    Duration age = Duration.between(csr.created(), now);
    Map<String, Object> document = CsrItem.document("PolicyChange", csr, Map.of());
    document.put("signerName", csr.signer().text());
    document.put("requestor", csr.requestor().username());
    document.put("current", word());
    document.put("decided", !csr.isPending());
    document.put("proposed", proposed.word());
    document.put("reasons", proposed.reasons());
    return new ListItem(
        CsrItem.resource(csr),
        document,
        List.of(
            csr.name(),
            csr.requestor().username(),
            Durations.human(age),
            word() + (csr.isPending() ? "" : " (decided)"),
            proposed.word(),
            CsrItem.firstReason(proposed),
            CsrItem.shortSigner(csr),
            CsrItem.firstCause(proposed)));
  }
}
