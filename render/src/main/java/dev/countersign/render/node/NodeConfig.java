package dev.countersign.render.node;

import java.util.List;

/**
 * A machine, whatever the format it is written in.
 *
 * @param units in the order they are written
 * @param directories in the order they are written
 * @param files in the order they are written
 * @param sshAuthorizedKeys of the user core
 */
record NodeConfig(
    List<Unit> units,
    List<Directory> directories,
    List<NodeFile> files,
    List<String> sshAuthorizedKeys) {

  /** A directory and its mode, such as 0700. */
  record Directory(String path, int mode) {}

  NodeConfig {
    units = List.copyOf(units);
    directories = List.copyOf(directories);
    files = List.copyOf(files);
    sshAuthorizedKeys = List.copyOf(sshAuthorizedKeys);
  }

  boolean isSecret() {
    return files.stream().anyMatch(NodeFile::isSecret);
  }
}
