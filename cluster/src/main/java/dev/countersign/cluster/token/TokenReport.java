package dev.countersign.cluster.token;

import dev.countersign.policy.join.JoinGrant;
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
public record TokenReport(TokenSecrets.Described token, Optional<JoinGrant> grant, List<Use> uses) {
  public TokenReport {
    uses = List.copyOf(uses);
  }

  /**
   * One use.
   *
   * @param node the node name asked for, printable
   * @param request the CertificateSigningRequest's name; empty where only the record is left
   * @param at when
   * @param state {@code Pending}, {@code Approved}, {@code Denied}, {@code Failed}, {@code Issued}
   *     or {@code Recorded}
   */
  public record Use(String node, Optional<String> request, Instant at, String state) {}
}
