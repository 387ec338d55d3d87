package dev.countersign.policy.config;

import java.util.Objects;

/**
 * What the certificate served now is good for.
 *
 * @param onChange what a change of names since then does
 * @param resolveContested whether a certificate of the Node that answers at a contested address
 *     shows that the address is the Node's
 * @param kubeletPort the port at which all kubelets are dialed; never the one that a Node names, at
 *     which anybody's program may answer
 * @param authority whose signature the certificate served now must have
 */
public record Renewal(
    OnChange onChange, boolean resolveContested, int kubeletPort, KubeletAuthority authority) {
  public Renewal {
    Objects.requireNonNull(onChange, "onChange");
    Objects.requireNonNull(authority, "authority");
    PolicyConfig.require(
        kubeletPort >= 1 && kubeletPort <= 65_535, "kubeletPort must be 1 to 65535");
  }

  /** With the authorities that the API server is verified with. */
  public Renewal(OnChange onChange, boolean resolveContested, int kubeletPort) {
    this(onChange, resolveContested, kubeletPort, new KubeletAuthority.OfApiServer());
  }

  /** Looked at only where an address is contested, at the kubelets' usual port. */
  public static Renewal defaults() {
    return new Renewal(OnChange.IGNORE, true, 10_250);
  }

  /** What a change of names between two certificates of a Node does. */
  public enum OnChange {
    /** The certificate served now is not looked at. */
    IGNORE,
    /** The decision carries a notice. */
    NOTICE,
    /** The request is deferred until a person looks at it. */
    DEFER
  }
}
