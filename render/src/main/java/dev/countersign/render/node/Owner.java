package dev.countersign.render.node;

import java.util.Objects;
import java.util.Optional;

/**
 * Who owns a file, a directory or a link; root where nothing is said.
 *
 * @param user of it
 * @param group of it
 */
record Owner(Principal user, Principal group) {
  static final Owner UNSET = new Owner(Principal.UNSET, Principal.UNSET);

  /** A user or a group by number, by name, or not said. */
  record Principal(Optional<Integer> id, Optional<String> name) {
    static final Principal UNSET = new Principal(Optional.empty(), Optional.empty());

    Principal {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(name, "name");
    }

    Principal over(Principal parent) {
      return new Principal(id.or(parent::id), name.or(parent::name));
    }
  }

  Owner {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(group, "group");
  }

  /** Returns what is said here and, where nothing is, there. */
  Owner over(Owner parent) {
    return new Owner(user.over(parent.user), group.over(parent.group));
  }
}
