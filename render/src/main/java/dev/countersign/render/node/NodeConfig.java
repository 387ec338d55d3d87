package dev.countersign.render.node;

import java.util.List;

/**
 * A machine, or a part of one, whatever the format it is written in. Lists are in the order they
 * are written.
 *
 * @param units of systemd
 * @param directories that are made
 * @param files that are written
 * @param links that are made
 * @param users who may log in or own files
 */
record NodeConfig(
    List<Unit> units,
    List<NodeDirectory> directories,
    List<NodeFile> files,
    List<NodeLink> links,
    List<NodeUser> users) {

  NodeConfig {
    units = List.copyOf(units);
    directories = List.copyOf(directories);
    files = List.copyOf(files);
    links = List.copyOf(links);
    users = List.copyOf(users);
  }

  boolean isSecret() {
    return files.stream().anyMatch(NodeFile::isSecret)
        || users.stream().anyMatch(user -> user.passwordHash().isPresent());
  }
}
