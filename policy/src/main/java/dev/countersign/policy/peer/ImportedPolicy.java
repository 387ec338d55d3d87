package dev.countersign.policy.peer;

import java.util.List;
import java.util.Objects;

/**
 * An ApprovalPolicy made of a peer's settings.
 *
 * @param text the policy file, with the differences as comments
 * @param differences between the peer and countersign under this policy
 */
public record ImportedPolicy(String text, List<Difference> differences) {
  public ImportedPolicy {
    Objects.requireNonNull(text, "text");
    differences = List.copyOf(differences);
  }

  /** What a difference amounts to. None lets through what the peer keeps out. */
  public enum Effect {
    /** Something that the peer approves is not approved. */
    STRICTER,
    /** Something that the peer denies for good is left pending, and looked at again. */
    DEFERRED,
    /** Something that the peer leaves pending is denied. */
    DENIED,
    /** A setting that decides nothing, and goes elsewhere. */
    ELSEWHERE
  }

  /**
   * One difference.
   *
   * @param effect what it amounts to
   * @param about the setting or the check
   * @param text a sentence without a full stop
   */
  public record Difference(Effect effect, String about, String text) {
    public Difference {
      Objects.requireNonNull(effect, "effect");
      Objects.requireNonNull(about, "about");
      Objects.requireNonNull(text, "text");
    }

    @Override
    public String toString() {
      return effect.name().toLowerCase(java.util.Locale.ROOT) + ": " + about + ": " + text;
    }
  }
}
