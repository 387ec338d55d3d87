package dev.countersign.cluster.token;

import dev.countersign.cluster.csr.RequestState;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A token as {@code token list} shows it.
 *
 * @param token what its Secret says
 * @param grant what strict join allows it, where there is a grant
 * @param uses what it was used for, as far as requests and records are still there, oldest first
 */
public record TokenReport(
    TokenSecrets.Described token, Optional<BootstrapTokenGrant> grant, List<Use> uses) {
  public TokenReport {
    uses = List.copyOf(uses);
  }

  /**
   * One use.
   *
   * @param node the node name asked for, printable
   * @param request the CertificateSigningRequest's name; empty where only the record is left
   * @param at when
   * @param state how far the request got; empty where only the record is left
   */
  public record Use(
      String node, Optional<String> request, Instant at, Optional<RequestState> state) {
    /** As people read it. */
    public String stateText() {
      return state.map(RequestState::text).orElse("Recorded");
    }

    /** Whether it gave nobody an identity. */
    public boolean isDenied() {
      return state.filter(RequestState.DENIED::equals).isPresent();
    }
  }
}
