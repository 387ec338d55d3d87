package dev.countersign.testbed.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The control groups of this host (cgroups(7)), of version 1, of version 2 or of both side by side,
 * and what it takes to give a machine a part of them that looks like the whole.
 *
 * @param hierarchies each hierarchy's mount
 */
public record ControlGroups(List<Hierarchy> hierarchies) {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final String LEAF = "init.scope";
  private static final Pattern HIERARCHY =
      Pattern.compile("^\\S+ \\S+ \\S+ \\S+ (/sys/fs/cgroup\\S*) .* - (cgroup2?) \\S+ (\\S+)$");

  /** What a mount of a hierarchy says beside its controllers. */
  private static final List<String> FLAGS = List.of("rw", "ro", "xattr");

  /** The two interfaces of the kernel. */
  public enum Version {
    /** One hierarchy for each controller; {@code cgroup}. */
    ONE,
    /** One hierarchy; {@code cgroup2}. */
    TWO
  }

  /**
   * A control group hierarchy.
   *
   * @param mount where it is mounted
   * @param version of its interface
   * @param options what to mount it with; empty for version 2
   */
  public record Hierarchy(Path mount, Version version, String options) {
    private String type() {
      return version == Version.ONE ? "cgroup" : "cgroup2";
    }
  }

  /** Copies. */
  public ControlGroups {
    hierarchies = List.copyOf(hierarchies);
  }

  /** Those of this host. */
  public static ControlGroups ofHost() throws IOException {
    return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
  }

  /** Those that {@code /proc/self/mountinfo} tells of (proc(5)). */
  public static ControlGroups parse(String mountinfo) {
    List<Hierarchy> all = new ArrayList<>();
    for (String line : mountinfo.split("\n", -1)) {
      Matcher matcher = HIERARCHY.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      Path mount = Path.of(matcher.group(1));
      if (matcher.group(2).equals("cgroup2")) {
        all.add(new Hierarchy(mount, Version.TWO, ""));
        continue;
      }
      String options =
          Stream.of(matcher.group(3).split(",", -1))
              .filter(option -> !FLAGS.contains(option))
              .collect(Collectors.joining(","));
      // A hierarchy with a name has no controllers, and wants to hear that.
      all.add(
          new Hierarchy(
              mount, Version.ONE, options.startsWith("name=") ? "none," + options : options));
    }
    return new ControlGroups(all);
  }

  /**
   * The version that container runtimes and the kubelet use: that of what is mounted at {@code
   * /sys/fs/cgroup} itself. A hierarchy of version 2 below it has no controllers.
   */
  public Version version() {
    return hierarchies.stream()
        .filter(each -> each.mount().equals(ROOT))
        .map(Hierarchy::version)
        .findFirst()
        .orElse(Version.ONE);
  }

  /** The groups of one name, one in each hierarchy. */
  public List<Path> groups(String name) {
    return hierarchies.stream().map(each -> each.mount().resolve(name)).toList();
  }

  /** The names of groups right below the roots that begin with a prefix. */
  public List<String> names(String prefix) throws IOException {
    List<String> found = new ArrayList<>();
    for (Hierarchy hierarchy : hierarchies) {
      try (Stream<Path> list = Files.list(hierarchy.mount())) {
        list.map(path -> String.valueOf(path.getFileName()))
            .filter(name -> name.startsWith(prefix))
            .forEach(found::add);
      }
    }
    return found.stream().distinct().sorted().toList();
  }

  /** Whether nothing runs in the groups of a name or below. */
  public boolean isEmpty(String name) throws IOException {
    for (Path group : groups(name)) {
      if (!Files.isDirectory(group)) {
        continue;
      }
      List<Path> lists;
      try (Stream<Path> walk = Files.walk(group)) {
        lists = walk.filter(path -> path.endsWith("cgroup.procs")).toList();
      }
      for (Path list : lists) {
        if (!Files.readString(list).isBlank()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Makes the groups of a name; they are empty. */
  public void create(String name) throws IOException {
    for (Hierarchy hierarchy : hierarchies) {
      Path group = Files.createDirectories(hierarchy.mount().resolve(name));
      // In version 1 a new group has no processors and no memory, and takes no process so.
      for (String inherited : List.of("cpuset.cpus", "cpuset.mems")) {
        if (hierarchy.version() == Version.ONE && Files.exists(group.resolve(inherited))) {
          Files.writeString(
              group.resolve(inherited),
              Files.readString(hierarchy.mount().resolve(inherited)).strip());
        }
      }
    }
  }

  /**
   * A shell script that runs its arguments in the groups of a name, which are the roots of a cgroup
   * namespace of its own.
   *
   * <p>In version 2 a group that hands controllers down may have no process of its own (cgroups(7),
   * "no internal processes"). So all that runs is in a leaf, as systemd has it.
   */
  public String enter(String name) {
    StringBuilder lines = new StringBuilder();
    groups(name).forEach(group -> lines.append("echo $$ > '%s/cgroup.procs'%n".formatted(group)));
    if (version() == Version.ONE) {
      return lines.append("exec unshare --cgroup -- \"$@\"\n").toString();
    }
    return lines
        .append(
            """
            exec unshare --cgroup -- sh -ec '
              mkdir "$1"
              echo $$ > "$1/cgroup.procs"
              shift
              exec "$@"
            ' sh '%s' "$@"
            """
                .formatted(ROOT.resolve(name).resolve(LEAF)))
        .toString();
  }

  /**
   * Lines of a shell script, for a mount namespace of its own, after which the groups that were
   * entered look like the host's whole.
   */
  public String mount() {
    if (version() == Version.TWO) {
      // The kernel refuses the same file system twice in one place.
      return """
      umount --lazy /sys/fs/cgroup
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
      for each in $(cat /sys/fs/cgroup/cgroup.controllers); do
        echo "+$each" > /sys/fs/cgroup/cgroup.subtree_control
      done
      """;
    }
    StringBuilder lines = new StringBuilder("mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup\n");
    for (Hierarchy each : hierarchies) {
      lines.append(
          "mkdir -p '%1$s'%nmount -t %2$s %3$scgroup '%1$s'%n"
              .formatted(
                  each.mount(),
                  each.type(),
                  each.options().isEmpty() ? "" : "-o " + each.options() + " "));
    }
    return lines.toString();
  }
}
