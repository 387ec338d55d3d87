package dev.countersign.cli.demo.machine;

import dev.countersign.cli.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs this same command again in mount, process, network, host-name and cgroup namespaces of its
 * own (unshare(1)): its mounts, processes, addresses and packet filter end with it, however it
 * ends. Its control groups are folders of the host's; they are removed here, after it.
 */
public final class MachineNamespace implements AutoCloseable {
  private static final String MARK = "COUNTERSIGN_MACHINE";
  private static final String PREFIX = "countersign-machine-";
  private static final Pattern HIERARCHY =
      Pattern.compile("^\\S+ \\S+ \\S+ \\S+ (/sys/fs/cgroup\\S*) .* - (cgroup2?) \\S+ (\\S+)$");
  private static final int ATTEMPTS = 20;

  private final String name = PREFIX + ProcessHandle.current().pid();
  private final List<Hierarchy> hierarchies;
  private final Thread atExit = new Thread(this::end, "machine-end");
  private Optional<Process> inside = Optional.empty();

  /**
   * A control group hierarchy.
   *
   * @param mount where it is mounted
   * @param type {@code cgroup} or {@code cgroup2}
   * @param options what to mount it with
   */
  record Hierarchy(Path mount, String type, String options) {}

  private final Runnable afterwards;

  private MachineNamespace(List<Hierarchy> hierarchies, Runnable afterwards) {
    this.hierarchies = hierarchies;
    this.afterwards = afterwards;
  }

  /** Whether this process runs inside one. */
  public static boolean entered() {
    return System.getenv(MARK) != null;
  }

  /** The hierarchies of this machine, from {@code /proc/self/mountinfo} (proc(5)). */
  static List<Hierarchy> hierarchies(String mountinfo) {
    List<Hierarchy> all = new ArrayList<>();
    for (String line : mountinfo.split("\n", -1)) {
      Matcher matcher = HIERARCHY.matcher(line);
      if (matcher.matches()) {
        String options =
            Stream.of(matcher.group(3).split(",", -1))
                .filter(option -> !List.of("rw", "ro", "xattr").contains(option))
                .reduce((a, b) -> a + "," + b)
                .orElse("");
        // A hierarchy with a name has no controllers, and wants to hear that.
        String named = options.startsWith("name=") ? "none," + options : options;
        all.add(
            new Hierarchy(
                Path.of(matcher.group(1)),
                matcher.group(2),
                matcher.group(2).equals("cgroup2") ? "" : named));
      }
    }
    return all;
  }

  /** The folder that {@link #run} was given; only inside. */
  public static Path folder() {
    return Path.of(System.getenv(MARK));
  }

  /**
   * Runs this command inside and waits; its exit status.
   *
   * @param folder what {@link #folder} is inside
   * @param afterwards run when nothing runs inside any more, also where a signal ended it
   */
  public static int run(Path folder, Runnable afterwards)
      throws CommandFailure, IOException, InterruptedException {
    List<Hierarchy> found =
        hierarchies(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
    if (found.isEmpty()) {
      throw CommandFailure.environment(
          "--real-node: got no control groups at /sys/fs/cgroup; want them mounted there, as a"
              + " container runtime needs them");
    }
    removeStale(found);
    try (MachineNamespace machine = new MachineNamespace(found, afterwards)) {
      Runtime.getRuntime().addShutdownHook(machine.atExit);
      return machine.runInside(folder);
    }
  }

  private int runInside(Path folder) throws IOException, InterruptedException {
    List<String> own =
        List.of(
            Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8).split("\0"));
    StringBuilder enter = new StringBuilder();
    for (Hierarchy hierarchy : hierarchies) {
      Path group = hierarchy.mount().resolve(name);
      Files.createDirectories(group);
      for (String inherited : List.of("cpuset.cpus", "cpuset.mems")) {
        if (hierarchy.type().equals("cgroup") && Files.exists(group.resolve(inherited))) {
          Files.writeString(
              group.resolve(inherited),
              Files.readString(hierarchy.mount().resolve(inherited)).strip());
        }
      }
      enter.append("echo $$ > '").append(group).append("/cgroup.procs'; ");
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-ec",
                enter
                    + "exec unshare --mount --pid --fork --kill-child=KILL --net --uts --ipc"
                    + " --cgroup --mount-proc --propagation private -- \"$@\"",
                "sh",
                Path.of("/proc/self/exe").toRealPath().toString()));
    command.addAll(own.subList(1, own.size()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put(MARK, folder.toString());
    Process process;
    synchronized (this) {
      process = builder.start();
      inside = Optional.of(process);
    }
    return process.waitFor();
  }

  private synchronized void end() {
    inside.ifPresent(
        process -> {
          // unshare passes nothing on; the one inside hears of a Ctrl-C from the terminal itself.
          process.descendants().forEach(ProcessHandle::destroy);
          try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
              process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    hierarchies.forEach(hierarchy -> remove(hierarchy.mount().resolve(name)));
    afterwards.run();
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending and the hook runs, or has run.
    }
    end();
  }

  private static void removeStale(List<Hierarchy> found) throws IOException {
    for (Hierarchy hierarchy : found) {
      List<Path> groups;
      try (Stream<Path> list = Files.list(hierarchy.mount())) {
        groups = list.filter(MachineNamespace::abandoned).toList();
      }
      groups.forEach(MachineNamespace::remove);
    }
  }

  private static boolean abandoned(Path group) {
    String file = String.valueOf(group.getFileName());
    if (!file.matches(PREFIX + "[0-9]+")) {
      return false;
    }
    long pid = Long.parseLong(file.substring(PREFIX.length()));
    return ProcessHandle.of(pid).isEmpty();
  }

  /** Removes a group and those below it; a group can be removed once nothing runs in it. */
  private static void remove(Path group) {
    for (int attempt = 0; attempt < ATTEMPTS && Files.isDirectory(group); attempt++) {
      try (Stream<Path> walk = Files.walk(group)) {
        for (Path each :
            walk.filter(Files::isDirectory).sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.deleteIfExists(each);
        }
      } catch (IOException | java.io.UncheckedIOException e) {
        try {
          TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
