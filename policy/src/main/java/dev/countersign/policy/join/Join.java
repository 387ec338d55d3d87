package dev.countersign.policy.join;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * One use of a token: which request of which key took it.
 *
 * @param node the name asked for
 * @param requestUid the uid of the CertificateSigningRequest
 * @param keySha256 SHA-256 of the subjectPublicKeyInfo, 64 hexadecimal digits
 * @param at when it was recorded, in whole seconds
 */
public record Join(String node, String requestUid, String keySha256, Instant at) {
  public Join {
    RecordText.nodeName("joins.node", node);
    RecordText.uid("joins.requestUid", requestUid);
    RecordText.sha256("joins.keySha256", keySha256);
    at = at.truncatedTo(ChronoUnit.SECONDS);
    Objects.requireNonNull(at, "at");
  }

  /**
   * Whether {@code other} gives its requester nothing that this one has not given: the same
   * request, or the same key for the same name.
   */
  public boolean covers(Join other) {
    return node.equals(other.node)
        && (requestUid.equals(other.requestUid) || keySha256.equals(other.keySha256));
  }

  static Join parse(String line) {
    String[] words = line.strip().split(" +", -1);
    if (words.length != 4) {
      throw new IllegalArgumentException(
          "data.joins: got a line of "
              + words.length
              + " words; want node, request uid, SHA-256 of the key, time");
    }
    return new Join(words[0], words[1], words[2], RecordText.instant("data.joins", words[3]));
  }

  String line() {
    return node + " " + requestUid + " " + keySha256 + " " + at;
  }
}
