package dev.countersign.policy.join;

import java.time.Duration;

/**
 * How long things last.
 *
 * @param certificateLifetime the most that kube-controller-manager signs for ({@code
 *     --cluster-signing-duration}): a Node that has not been in contact for longer holds no valid
 *     certificate. Too short a value here would let a silent node's name be taken.
 * @param registrationWindow how long after an approved join its Node may take to appear; until then
 *     nobody else gets the name
 */
public record JoinConfig(Duration certificateLifetime, Duration registrationWindow) {
  /**
   * 72 hours, which is what the clusters we render sign for (kube-controller-manager by itself
   * signs for a year); a quarter of an hour.
   */
  public static final JoinConfig DEFAULT =
      new JoinConfig(Duration.ofDays(3), Duration.ofMinutes(15));

  public JoinConfig {
    if (!certificateLifetime.isPositive()) {
      throw new IllegalArgumentException(
          "certificateLifetime: got " + certificateLifetime + "; want a duration above zero");
    }
    if (registrationWindow.isNegative()) {
      throw new IllegalArgumentException(
          "registrationWindow: got " + registrationWindow + "; want zero or more");
    }
  }
}
