package dev.countersign.render.approver;

import java.util.Optional;

/**
 * Files of strict join, for ConfigMap {@code countersign-join}.
 *
 * @param inventory the text for {@code --join-inventory}
 * @param attestation the text for {@code --attestation}
 */
public record JoinFiles(Optional<String> inventory, Optional<String> attestation) {
  /** Neither. */
  public static JoinFiles none() {
    return new JoinFiles(Optional.empty(), Optional.empty());
  }

  boolean isPresent() {
    return inventory.isPresent() || attestation.isPresent();
  }
}
