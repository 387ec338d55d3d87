package dev.countersign.cli.demo;

import dev.countersign.common.command.CliException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where a user that is not root plays root: a user, network and mount namespace of its own
 * (user_namespaces(7)), in which it may add the addresses that nodes need. Linux only.
 *
 * <p>This process becomes the one inside, by execvp(3): there is no parent to be killed without it,
 * and a signal reaches the demo itself.
 */
final class UserNamespace {
  private static final String MARK = "COUNTERSIGN_USER_NAMESPACE";
  private static final List<String> UNSHARE =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--", "sh", "-ec");

  /** /run is of the real root; the demo notes there whose the nodes' addresses are. */
  private static final String PREPARE =
      "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up; mount -t tmpfs -o mode=755 tmpfs /run; export"
          + " "
          + MARK
          + "=1; ";

  private UserNamespace() {}

  /** Whether this user needs one and is not in one yet. */
  static boolean wanted() {
    return !"root".equals(System.getProperty("user.name")) && System.getenv(MARK) == null;
  }

  /** Becomes this same command inside; it returns only by throwing. */
  static CliException enter() throws CliException, IOException, InterruptedException {
    List<String> own =
        List.of(
            Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8).split("\0"));
    rehearse();
    List<String> command = new ArrayList<>(UNSHARE);
    command.add(PREPARE + "exec \"$@\"");
    command.add("sh");
    command.add(Path.of("/proc/self/exe").toRealPath().toString());
    command.addAll(own.subList(1, own.size()));
    return refused("execvp failed with status " + become(command));
  }

  /** Fails with a paragraph where the machine does not allow it. */
  private static void rehearse() throws CliException, InterruptedException {
    List<String> command = new ArrayList<>(UNSHARE);
    command.add(PREPARE + "exit 0");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readNBytes(2048), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw refused("no end within 20 s");
      }
      if (process.exitValue() != 0) {
        throw refused(output.isEmpty() ? "status " + process.exitValue() : output);
      }
    } catch (IOException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  private static CliException refused(String why) {
    return CliException.environment(
        "not root, and no user namespace to play root in: got %s; want unshare (util-linux) and ip (iproute2) installed and user namespaces allowed (sysctl kernel.unprivileged_userns_clone=1, or kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu), as a node needs an address that only root may add: run the same with sudo"
            .formatted(why.replace('\n', ' ')));
  }

  /** Replaces this process; returns only where that failed. */
  @SuppressWarnings(
      "restricted") // execvp(3) has no wrapper in the JDK; the launcher enables native access
  private static int become(List<String> command) {
    Linker linker = Linker.nativeLinker();
    MethodHandle execvp =
        linker.downcallHandle(
            linker.defaultLookup().find("execvp").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment arguments = arena.allocate(ValueLayout.ADDRESS, command.size() + 1L);
      for (int i = 0; i < command.size(); i++) {
        arguments.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(command.get(i)));
      }
      arguments.setAtIndex(ValueLayout.ADDRESS, command.size(), MemorySegment.NULL);
      return (int) execvp.invokeExact(arena.allocateFrom(command.getFirst()), arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("execvp takes two pointers", e);
    }
  }
}
