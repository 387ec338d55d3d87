package dev.countersign.policy.request;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What else the API server keeps of a request, beyond what a serving certificate is evaluated with.
 *
 * @param attestation the evidence that a machine sent with it
 * @param conditions {@code status.conditions} of those whose status is True
 */
public record CsrDetails(Optional<String> attestation, List<Condition> conditions) {
  public CsrDetails {
    Objects.requireNonNull(attestation, "attestation");
    conditions = List.copyOf(conditions);
  }

  /** Nothing else. */
  public static CsrDetails none() {
    return new CsrDetails(Optional.empty(), List.of());
  }

  /**
   * A condition.
   *
   * @param type such as {@code Denied}
   * @param reason as its writer gave it; foreign text
   * @param message as its writer gave it; foreign text
   * @param at {@code lastUpdateTime}; empty where it is not given
   */
  public record Condition(String type, String reason, String message, String at) {
    public Condition {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(message, "message");
      Objects.requireNonNull(at, "at");
    }
  }

  /** The condition of that type. */
  public Optional<Condition> condition(String type) {
    return conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
  }
}
