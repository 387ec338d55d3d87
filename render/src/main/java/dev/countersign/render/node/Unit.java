package dev.countersign.render.node;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A systemd unit on a machine.
 *
 * @param name with its suffix
 * @param state whether it starts at boot
 * @param contents empty where the operating system brings the unit
 * @param dropIns what changes it
 */
record Unit(String name, State state, Optional<String> contents, List<DropIn> dropIns) {

  /** Whether a unit starts at boot. */
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
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(contents, "contents");
    dropIns = List.copyOf(dropIns);
  }

  static Unit ofSystem(String name, State state) {
    return new Unit(name, state, Optional.empty(), List.of());
  }

  static Unit of(String name, State state, String contents) {
    return new Unit(name, state, Optional.of(contents), List.of());
  }

  Unit withDropIns(List<DropIn> more) {
    return new Unit(name, state, contents, more);
  }
}
