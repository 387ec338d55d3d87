package dev.countersign.render.node;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A systemd unit on a machine.
 *
 * @param name with its suffix
 * @param enabled whether it starts at boot; as the system has it where it is absent
 * @param mask whether it never starts; as the system has it where it is absent
 * @param contents empty where the operating system brings the unit
 * @param dropIns what changes it
 */
record Unit(
    String name,
    Optional<Boolean> enabled,
    Optional<Boolean> mask,
    Optional<String> contents,
    List<DropIn> dropIns) {

  /** Whether a unit of ours starts at boot. */
  enum State {
    /** Started at boot. */
    ENABLED,
    /** Started by another unit or by a person. */
    STATIC,
    /** Never started. */
    MASKED
  }

  /** A part of a unit's configuration in a file of its own. */
  record DropIn(String name, String contents) {
    DropIn {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(contents, "contents");
    }
  }

  Unit {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(enabled, "enabled");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(contents, "contents");
    dropIns = List.copyOf(dropIns);
  }

  static Unit ofSystem(String name, State state) {
    return of(name, state, Optional.empty());
  }

  static Unit of(String name, State state, String contents) {
    return of(name, state, Optional.of(contents));
  }

  private static Unit of(String name, State state, Optional<String> contents) {
    return new Unit(
        name,
        state == State.ENABLED ? Optional.of(true) : Optional.empty(),
        state == State.MASKED ? Optional.of(true) : Optional.empty(),
        contents,
        List.of());
  }

  Unit withDropIns(List<DropIn> more) {
    return new Unit(name, enabled, mask, contents, more);
  }

  /** Returns what is said here and, where nothing is, there; drop-ins of both. */
  Unit over(Unit parent) {
    return new Unit(
        name,
        enabled.or(parent::enabled),
        mask.or(parent::mask),
        contents.or(parent::contents),
        NodeConfigMerge.merged(
            parent.dropIns, dropIns, DropIn::name, (dropIn, replaced) -> dropIn));
  }
}
