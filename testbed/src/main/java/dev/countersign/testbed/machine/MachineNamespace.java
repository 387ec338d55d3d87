package dev.countersign.testbed.machine;

import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs this same command again in mount, process, network, host-name, IPC and cgroup namespaces of
 * its own (unshare(1)): its mounts, processes, addresses and packet filter end with it, however it
 * ends.
 *
 * <p>It ends when this process does, by whatever signal: the one inside reads a pipe that is then
 * closed. What is the host's, control groups and a directory, is removed here, or by a supervisor
 * where this process was killed.
 */
public final class MachineNamespace implements AutoCloseable {
  private static final String DIRECTORY = "COUNTERSIGN_MACHINE";
  private static final String PART = "COUNTERSIGN_MACHINE_PART";
  private static final String PREFIX = "countersign-machine-";
  private static final long LONGEST_END_SECONDS = 20;

  /** Options of unshare(1); the cgroup namespace is another matter ({@link ControlGroups}). */
  private static final List<String> NAMESPACES =
      List.of(
          "--mount",
          "--pid",
          "--fork",
          "--kill-child=KILL",
          "--net",
          "--uts",
          "--ipc",
          "--mount-proc",
          "--propagation=private");

  private final String name = PREFIX + ProcessHandle.current().pid();
  private final Path directory;
  private final Path remove;
  private final ControlGroups groups;
  private final HostCleanup leftBehind;
  private final Thread atExit = new Thread(this::end, "machine-end");
  private Optional<Process> inside = Optional.empty();

  private MachineNamespace(
      Path directory, Path remove, ControlGroups groups, HostCleanup leftBehind) {
    this.directory = directory;
    this.remove = remove;
    this.groups = groups;
    this.leftBehind = leftBehind;
  }

  /**
   * Prepares to run machines; what killed demos left is removed.
   *
   * @param directory what {@link #directory} is inside
   * @param remove the directory that goes in the end, with that one in it
   * @param supervisor outlives this process, should that be killed
   */
  public static MachineNamespace open(Path directory, Path remove, Supervisor supervisor)
      throws ControlPlaneFailure, IOException, InterruptedException {
    ControlGroups groups = ControlGroups.ofHost();
    HostCleanup leftBehind = HostCleanup.load();
    for (String stale : groups.names(PREFIX)) {
      if (abandoned(stale) && groups.isEmpty(stale)) {
        leftBehind.remove(groups.groups(stale));
      }
    }
    MachineNamespace machine = new MachineNamespace(directory, remove, groups, leftBehind);
    leftBehind.removeAtEnd(supervisor, remove, groups.groups(machine.name));
    Runtime.getRuntime().addShutdownHook(machine.atExit);
    return machine;
  }

  /**
   * Why this host can't run one; empty where it can. Root alone is not enough: a container's may
   * have neither the right to make namespaces nor control groups that it can write to.
   */
  public static Optional<String> unavailable() throws IOException, InterruptedException {
    ControlGroups groups = ControlGroups.ofHost();
    if (groups.hierarchies().isEmpty()) {
      return Optional.of("control groups mounted at /sys/fs/cgroup");
    }
    if (!groups.hierarchies().stream().allMatch(each -> Files.isWritable(each.mount()))) {
      return Optional.of("control groups at /sys/fs/cgroup that it can write to");
    }
    List<String> rehearsal = new ArrayList<>(List.of("unshare"));
    rehearsal.addAll(NAMESPACES);
    rehearsal.addAll(List.of("--", "mount", "-t", "tmpfs", "tmpfs", "/run"));
    HostCommand.Outcome outcome = new HostCommand(rehearsal, Map.of()).run();
    return outcome.status() == 0
        ? Optional.empty()
        : Optional.of(
            "right to make namespaces and mounts (%s)"
                .formatted(outcome.output().strip().replace('\n', ' ')));
  }

  private static boolean abandoned(String group) {
    String pid = group.substring(PREFIX.length());
    return pid.matches("[0-9]{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  /** Whether this process runs inside one. */
  public static boolean entered() {
    // The variable alone may come from anywhere, and what is done inside would harm a host.
    return System.getenv(DIRECTORY) != null && ProcessHandle.current().pid() == 1;
  }

  /** The directory that {@link #open} was given; only inside. */
  public static Path directory() {
    return Path.of(System.getenv(DIRECTORY));
  }

  /** What {@link #run} was given; only inside. */
  public static DemoPart part() {
    return DemoPart.of(System.getenv(PART));
  }

  /**
   * To be called first inside: ends this process with the one outside, brings up the loopback
   * device, and hides the host's directories for what runs.
   */
  public static void settle() throws ControlPlaneFailure, IOException, InterruptedException {
    Thread.ofPlatform()
        .daemon()
        .name("owner")
        .start(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The same as the end of the input: whoever holds the other end is gone.
              }
              // All else inside ends with this process, the first of its namespace.
              Runtime.getRuntime().halt(1);
            });
    HostCommand.of(
            "sh",
            "-ec",
            """
            ip link set lo up
            mount -t tmpfs -o mode=755 tmpfs /run
            mount -t tmpfs -o mode=1777 tmpfs /dev/shm
            """)
        .require();
  }

  /** Runs this command inside, as a part of the demo, and waits; its exit status. */
  public int run(DemoPart part) throws IOException, ControlPlaneFailure, InterruptedException {
    groups.create(name);
    List<String> own =
        List.of(
            Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8).split("\0"));
    List<String> command =
        new ArrayList<>(List.of("sh", "-ec", groups.enter(name), "sh", "unshare"));
    command.addAll(NAMESPACES);
    command.addAll(List.of("--", Path.of("/proc/self/exe").toRealPath().toString()));
    command.addAll(own.subList(1, own.size()));
    ProcessBuilder builder =
        new ProcessBuilder(command).inheritIO().redirectInput(ProcessBuilder.Redirect.PIPE);
    builder.environment().put(DIRECTORY, directory.toString());
    builder.environment().put(PART, part.word());
    Process process;
    synchronized (this) {
      process = builder.start();
      inside = Optional.of(process);
    }
    int status = process.waitFor();
    leftBehind.remove(groups.groups(name));
    return status;
  }

  private synchronized void end() {
    try {
      if (inside.isPresent()) {
        Process process = inside.get();
        process.getOutputStream().close();
        if (!process.waitFor(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor(LONGEST_END_SECONDS, TimeUnit.SECONDS);
        }
      }
      leftBehind.remove(remove, groups.groups(name));
    } catch (IOException | ControlPlaneFailure e) {
      // What is left now is tried once more by the supervisor, and by the next demo.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
}
