package dev.countersign.render.node;

import java.util.Objects;
import java.util.Optional;

/**
 * A directory on a machine.
 *
 * @param path absolute
 * @param mode such as 0700; Ignition's default where it is absent
 * @param overwrite whether what else is at the path has to go
 * @param owner of it
 */
record NodeDirectory(
    String path, Optional<Integer> mode, Optional<Boolean> overwrite, Owner owner) {
  NodeDirectory {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(overwrite, "overwrite");
    Objects.requireNonNull(owner, "owner");
  }

  static NodeDirectory of(String path, int mode) {
    return new NodeDirectory(path, Optional.of(mode), Optional.empty(), Owner.UNSET);
  }

  /** Returns what is said here and, where nothing is, there. */
  NodeDirectory over(NodeDirectory parent) {
    return new NodeDirectory(
        path, mode.or(parent::mode), overwrite.or(parent::overwrite), owner.over(parent.owner));
  }
}
