package dev.countersign.render.node;

import dev.countersign.common.secret.SecretText;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A user on a machine.
 *
 * @param name of the user
 * @param sshAuthorizedKeys one line each
 * @param groups beside the primary one
 * @param passwordHash as {@code crypt(3)} writes it
 * @param uid the number
 * @param texts {@link #TEXTS} that are said
 * @param flags {@link #FLAGS} that are said
 */
record NodeUser(
    String name,
    List<String> sshAuthorizedKeys,
    List<String> groups,
    Optional<SecretText> passwordHash,
    Optional<Integer> uid,
    SortedMap<String, String> texts,
    SortedMap<String, Boolean> flags) {
  /** Further fields that are texts, as Butane names them. */
  static final List<String> TEXTS = List.of("gecos", "home_dir", "primary_group", "shell");

  /** Further fields that are true or false, as Butane names them. */
  static final List<String> FLAGS =
      List.of("no_create_home", "no_log_init", "no_user_group", "system");

  NodeUser {
    Objects.requireNonNull(name, "name");
    sshAuthorizedKeys = List.copyOf(sshAuthorizedKeys);
    groups = List.copyOf(groups);
    Objects.requireNonNull(passwordHash, "passwordHash");
    Objects.requireNonNull(uid, "uid");
    texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
    flags = Collections.unmodifiableSortedMap(new TreeMap<>(flags));
  }

  static NodeUser of(String name, List<String> sshAuthorizedKeys) {
    return new NodeUser(
        name,
        sshAuthorizedKeys,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        new TreeMap<>(),
        new TreeMap<>());
  }

  /** Returns what is said here and, where nothing is, there; keys and groups of both. */
  NodeUser over(NodeUser parent) {
    return new NodeUser(
        name,
        union(parent.sshAuthorizedKeys, sshAuthorizedKeys),
        union(parent.groups, groups),
        passwordHash.or(parent::passwordHash),
        uid.or(parent::uid),
        over(parent.texts, texts),
        over(parent.flags, flags));
  }

  private static List<String> union(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }

  private static <T> SortedMap<String, T> over(Map<String, T> parent, Map<String, T> child) {
    SortedMap<String, T> all = new TreeMap<>(parent);
    all.putAll(child);
    return all;
  }
}
