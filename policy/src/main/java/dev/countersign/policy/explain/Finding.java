package dev.countersign.policy.explain;

import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.decision.ViolationScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One thing that stands against a request, whichever of the two signers it names.
 *
 * @param reason the stable name in CamelCase
 * @param evidence what it was seen in, as the reasons name it
 * @param isFinal whether a denial may rest on it
 * @param path where it was found
 * @param got what is there, safe to show
 * @param want what must be there
 * @param remedy what to do about it, a sentence
 */
public record Finding(
    String reason,
    String evidence,
    boolean isFinal,
    String path,
    String got,
    String want,
    String remedy) {
  public Finding {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(evidence, "evidence");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(got, "got");
    Objects.requireNonNull(want, "want");
    Objects.requireNonNull(remedy, "remedy");
  }

  /** Of a violation. */
  public static Finding of(Violation violation) {
    return new Finding(
        violation.reason().camelCase(),
        violation.reason().evidence().name(),
        violation.isFinal(),
        violation.path(),
        violation.got(),
        violation.want(),
        violation.reason().remedy());
  }

  /** Whether it speaks against the request whatever the cluster says. */
  boolean isOfRequest() {
    return isFinal || evidence.equals(ViolationScope.POLICY.name());
  }

  /** {@code path: got …; want …}. */
  public String where() {
    return path + ": got " + got + "; want " + want;
  }

  Map<String, Object> toDocument() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reason", reason);
    map.put("evidence", evidence);
    map.put("path", path);
    map.put("got", got);
    map.put("want", want);
    return map;
  }
}
