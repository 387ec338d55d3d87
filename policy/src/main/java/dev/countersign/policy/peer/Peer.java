package dev.countersign.policy.peer;

import dev.countersign.common.ParseResult;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An approver whose settings can be imported. */
public enum Peer {
  /** postfinance/kubelet-csr-approver, at {@code 993754fb9c44}. */
  KUBELET_CSR_APPROVER,
  /** alex1989hu/kubelet-serving-cert-approver, at {@code 3aed1f39ddd4}. */
  KUBELET_SERVING_CERT_APPROVER,
  /** kontena/kubelet-rubber-stamp, at {@code 2c67b4dfd4a7}. */
  KUBELET_RUBBER_STAMP;

  /** Its name, which its image has, too. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The one of that name. */
  public static Optional<Peer> parse(String text) {
    return Arrays.stream(values()).filter(peer -> peer.text().equals(text)).findFirst();
  }

  /** The one that was named, or that one must be. */
  static ParseResult<Peer> named(Optional<Peer> peer) {
    return peer.map(ParseResult::parsed)
        .orElseGet(
            () -> ParseResult.refused("PEER", "nothing", "one of " + String.join(", ", names())));
  }

  /** The one whose name is within that of an image or a container. */
  static Optional<Peer> within(String name) {
    return Arrays.stream(values()).filter(peer -> name.contains(peer.text())).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return Arrays.stream(values()).map(Peer::text).toList();
  }
}
