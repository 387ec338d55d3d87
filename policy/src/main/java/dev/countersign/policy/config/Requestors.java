package dev.countersign.policy.config;

import java.util.Objects;

/**
 * Who may ask.
 *
 * @param others what is done with a request whose user is not {@code system:node:…}
 */
public record Requestors(Others others) {
  public Requestors {
    Objects.requireNonNull(others, "others");
  }

  /** Others are left alone: database and storage operators, virtual kubelets and people. */
  public static Requestors defaults() {
    return new Requestors(Others.IGNORE);
  }

  /** Requests of users that are no nodes. */
  public enum Others {
    /** Left alone: whoever made them has another way to approve them. */
    IGNORE,
    /** Never approved and never denied; shown as what waits for a person. */
    DEFER,
    /** Denied. */
    DENY
  }
}
