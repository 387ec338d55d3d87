package dev.countersign.render.spec;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The bootstrap token that the rendered cluster starts with.
 *
 * @param expiresAfter counted from when it is made; empty: never
 * @param description shown by {@code countersign token list}
 * @param extraGroups each {@code system:bootstrappers:…}
 */
public record BootstrapTokenSpec(
    Optional<Duration> expiresAfter, String description, List<String> extraGroups) {

  public BootstrapTokenSpec {
    Objects.requireNonNull(expiresAfter, "expiresAfter");
    Objects.requireNonNull(description, "description");
    extraGroups = List.copyOf(extraGroups);
  }
}
