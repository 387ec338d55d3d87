package dev.countersign.cluster.token;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything about a bootstrap token but its id and secret.
 *
 * @param usages at least one
 * @param groups extra groups; only {@link TokenUsage#AUTHENTICATION} tokens have any
 * @param description for people; no control characters, at most 200
 * @param expiration when the API server stops accepting it and {@code tokencleaner} deletes it;
 *     whole seconds, as its Secret holds RFC 3339 text
 */
public record TokenSpec(
    Set<TokenUsage> usages,
    Set<TokenGroup> groups,
    Optional<String> description,
    Optional<Instant> expiration) {

  public TokenSpec {
    if (usages.isEmpty()) {
      throw new IllegalArgumentException("usages: got none; want authentication, signing or both");
    }
    usages = Collections.unmodifiableSet(EnumSet.copyOf(usages));
    if (!groups.isEmpty() && !usages.contains(TokenUsage.AUTHENTICATION)) {
      throw new IllegalArgumentException(
          "groups: got " + groups + " on a token that cannot authenticate; want none");
    }
    groups = Collections.unmodifiableSet(new TreeSet<>(groups));
    description.ifPresent(
        text -> {
          if (text.length() > 200 || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                "description: got "
                    + text.length()
                    + " characters; want at most 200 and no control characters");
          }
        });
    expiration = expiration.map(instant -> instant.truncatedTo(ChronoUnit.SECONDS));
  }

  /** The same with another end. */
  public TokenSpec expiringAt(Instant end) {
    return new TokenSpec(usages, groups, description, Optional.of(end));
  }

  /** Whether the API server would refuse it at {@code now}. */
  public boolean expiredAt(Instant now) {
    return expiration.map(end -> !now.isBefore(end)).orElse(false);
  }
}
