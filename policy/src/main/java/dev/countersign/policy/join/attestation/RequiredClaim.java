package dev.countersign.policy.join.attestation;

import java.util.Objects;

/**
 * A claim that every document of an issuer must have with one value, such as the project that its
 * machines are in.
 *
 * @param claim where it is, names of members separated by full stops
 * @param value the text that it must be
 */
public record RequiredClaim(String claim, String value) {
  public RequiredClaim {
    Objects.requireNonNull(claim, "claim");
    Objects.requireNonNull(value, "value");
  }
}
