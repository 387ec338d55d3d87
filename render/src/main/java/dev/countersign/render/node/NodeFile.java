package dev.countersign.render.node;

import dev.countersign.common.secret.SecretText;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file on a machine.
 *
 * @param path absolute
 * @param mode such as 0644; Ignition's default where it is absent
 * @param overwrite whether what is at the path has to go
 * @param owner of it
 * @param contents absent where a file that is there stays as it is
 * @param append what comes behind its contents
 */
record NodeFile(
    String path,
    Optional<Integer> mode,
    Optional<Boolean> overwrite,
    Owner owner,
    Optional<FileContents> contents,
    List<FileContents> append) {
  NodeFile {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(overwrite, "overwrite");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(contents, "contents");
    append = List.copyOf(append);
  }

  static NodeFile of(String path, int mode, String text) {
    return of(path, mode, SecretText.of(text));
  }

  static NodeFile of(String path, int mode, SecretText text) {
    return new NodeFile(
        path,
        Optional.of(mode),
        Optional.empty(),
        Owner.UNSET,
        Optional.of(new FileContents.Inline(text)),
        List.of());
  }

  /** Returns the file that takes the place of what is there already. */
  NodeFile overwriting() {
    return new NodeFile(path, mode, Optional.of(true), owner, contents, append);
  }

  boolean isSecret() {
    return mode.filter(bits -> (bits & 0077) == 0).isPresent();
  }

  /** Returns what is said here and, where nothing is, there; parts to append are added. */
  NodeFile over(NodeFile parent) {
    return new NodeFile(
        path,
        mode.or(parent::mode),
        overwrite.or(parent::overwrite),
        owner.over(parent.owner),
        contents.or(parent::contents),
        Stream.concat(parent.append.stream(), append.stream()).toList());
  }
}
