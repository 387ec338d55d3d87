package dev.countersign.cli.csr;

import dev.countersign.cli.terminal.Document;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.request.CsrSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What lists of requests print alike. */
final class CsrItem {
  /** A cell with nothing in it. */
  static final String NONE = "-";

  private CsrItem() {}

  /** The name as {@code -o name} prints it. */
  static String resource(CsrSpec csr) {
    return "certificatesigningrequest.certificates.k8s.io/" + csr.name();
  }

  /** Starts a document of a kind of ours with the {@code metadata} of a request. */
  static Map<String, Object> document(String kind, CsrSpec csr, Map<String, String> labels) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", csr.name());
    metadata.put("uid", csr.uid());
    metadata.put("creationTimestamp", csr.created().toString());
    if (!labels.isEmpty()) {
      metadata.put("labels", new TreeMap<>(labels));
    }
    Map<String, Object> document = Document.ofKind(kind);
    document.put("metadata", metadata);
    return document;
  }

  /** The signer's name without {@code kubernetes.io/}. */
  static String shortSigner(CsrSpec csr) {
    return csr.signer().text().replace("kubernetes.io/", "");
  }

  static String firstReason(Explanation explanation) {
    return explanation.firstFinding().map(Finding::reason).orElse(NONE);
  }

  /** Where that is, with what was found and what is wanted there. */
  static String firstCause(Explanation explanation) {
    return explanation.firstFinding().map(Finding::where).orElse(NONE);
  }
}
