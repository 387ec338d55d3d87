package dev.countersign.policy.join;

import dev.countersign.common.Bytes;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Requests for kubelets' client certificates. */
public final class JoinRequests {
  private JoinRequests() {}

  /** One of that PEM text. */
  public static CsrSpec of(
      String uid,
      Instant created,
      String username,
      Set<String> groups,
      List<String> usages,
      String pem) {
    return of(uid, created, username, groups, usages, Optional.empty(), pem);
  }

  /** One that asks for a life time, too. */
  public static CsrSpec of(
      String uid,
      Instant created,
      String username,
      Set<String> groups,
      List<String> usages,
      Optional<Duration> expiration,
      String pem) {
    return new CsrSpec(
        "csr-1",
        uid,
        SignerName.KUBELET_CLIENT,
        new CsrSpec.Requestor(username, "", List.copyOf(groups), Map.of()),
        usages,
        expiration,
        created,
        Bytes.ofUtf8(pem),
        List.of(),
        false,
        false);
  }
}
