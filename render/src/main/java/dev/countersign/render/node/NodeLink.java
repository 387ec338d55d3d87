package dev.countersign.render.node;

import java.util.Objects;
import java.util.Optional;

/**
 * A link on a machine.
 *
 * @param path absolute
 * @param target what it leads to
 * @param hard whether it is a hard link; a symbolic one where it is absent
 * @param overwrite whether what is at the path has to go
 * @param owner of a symbolic link
 */
record NodeLink(
    String path, String target, Optional<Boolean> hard, Optional<Boolean> overwrite, Owner owner) {
  NodeLink {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(hard, "hard");
    Objects.requireNonNull(overwrite, "overwrite");
    Objects.requireNonNull(owner, "owner");
  }

  /** Returns what is said here and, where nothing is, there. */
  NodeLink over(NodeLink parent) {
    return new NodeLink(
        path,
        target,
        hard.or(parent::hard),
        overwrite.or(parent::overwrite),
        owner.over(parent.owner));
  }
}
