package dev.countersign.render.node;

import java.util.ArrayList;
import java.util.List;

/**
 * A container on the host's network, as podman, docker or rkt is told to run it.
 *
 * @param name of the container
 * @param mounts of the host
 * @param image with variables of the unit's environment
 * @param arguments one a line
 */
record Container(String name, List<Mount> mounts, String image, List<String> arguments) {

  /** Who may change what is mounted. */
  enum Access {
    /** Nobody. */
    READ_ONLY,
    /** The container. */
    WRITABLE,
    /** The container, and what it mounts below is seen by the host. */
    SHARED
  }

  /**
   * A path of the host.
   *
   * @param relabel whether SELinux must be told that containers may use it
   */
  record Mount(String source, String target, Access access, boolean relabel) {
    static Mount readOnly(String path) {
      return new Mount(path, path, Access.READ_ONLY, false);
    }

    static Mount writable(String path) {
      return new Mount(path, path, Access.WRITABLE, false);
    }

    Mount relabelled() {
      return new Mount(source, target, access, true);
    }
  }

  Container {
    mounts = List.copyOf(mounts);
    arguments = List.copyOf(arguments);
  }

  /** The lines of a podman command, each but the last ending with a backslash. */
  List<String> podman(List<String> options) {
    List<String> lines = new ArrayList<>();
    lines.add("/usr/bin/podman run --name " + name);
    lines.addAll(options);
    lines.add("--network host");
    for (Mount mount : mounts) {
      List<String> flags = new ArrayList<>();
      switch (mount.access()) {
        case READ_ONLY -> flags.add("ro");
        case WRITABLE -> flags.add("rw");
        case SHARED -> flags.add("rshared");
      }
      if (mount.relabel()) {
        flags.add("z");
      }
      lines.add(volume(mount, flags));
    }
    return joined(lines);
  }

  /** The lines of a docker command. */
  List<String> docker(List<String> options) {
    List<String> lines = new ArrayList<>();
    lines.add("/usr/bin/docker run --name " + name);
    lines.addAll(options);
    lines.add("--network host");
    for (Mount mount : mounts) {
      lines.add(
          volume(
              mount,
              switch (mount.access()) {
                case READ_ONLY -> List.of("ro");
                case WRITABLE -> List.of("rw");
                case SHARED -> List.of("rshared");
              }));
    }
    return joined(lines);
  }

  private static String volume(Mount mount, List<String> flags) {
    return "--volume " + mount.source() + ":" + mount.target() + ":" + String.join(",", flags);
  }

  /** The lines of a rkt command. */
  List<String> rkt(List<String> options, List<String> imageOptions) {
    List<String> lines = new ArrayList<>();
    lines.add("/usr/bin/rkt run");
    lines.addAll(options);
    for (Mount mount : mounts) {
      String volume = mount.target().substring(1).replace('/', '-').replace('.', '-');
      lines.add(
          "--volume "
              + volume
              + ",kind=host,source="
              + mount.source()
              + switch (mount.access()) {
                case READ_ONLY -> ",readOnly=true";
                case WRITABLE -> "";
                case SHARED -> ",recursive=true";
              });
      lines.add("--mount volume=" + volume + ",target=" + mount.target());
    }
    lines.add(image);
    lines.addAll(imageOptions);
    if (!arguments.isEmpty()) {
      lines.set(lines.size() - 1, lines.getLast() + " --");
      lines.addAll(arguments);
    }
    return continued(lines);
  }

  private List<String> joined(List<String> before) {
    List<String> lines = new ArrayList<>(before);
    lines.add(image);
    lines.addAll(arguments);
    return continued(lines);
  }

  private static List<String> continued(List<String> lines) {
    List<String> result = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      result.add((i == 0 ? "" : "  ") + lines.get(i) + (i < lines.size() - 1 ? " \\" : ""));
    }
    return result;
  }
}
