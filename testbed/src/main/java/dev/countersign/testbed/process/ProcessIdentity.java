package dev.countersign.testbed.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One process, told from every other that had or will have its pid.
 *
 * @param pid its number
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks from boot to its start
 * @param bootId {@code /proc/sys/kernel/random/boot_id} of the boot it belongs to
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
  /** Null-checks. */
  public ProcessIdentity {
    Objects.requireNonNull(bootId);
  }

  /** The identity of a process that runs; empty for one that does not, or is a zombie. */
  public static Optional<ProcessIdentity> of(long pid) {
    List<String> stat = HostProcesses.stat(pid);
    if (stat.isEmpty() || stat.getFirst().equals("Z") || stat.getFirst().equals("X")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ProcessIdentity(pid, Long.parseLong(stat.get(19)), currentBoot()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** This JVM. */
  public static ProcessIdentity self() {
    return of(ProcessHandle.current().pid())
        .orElseThrow(() -> new IllegalStateException("/proc: must tell of this process"));
  }

  /** Whether this very process still runs. */
  public boolean isAlive() {
    return of(pid).filter(this::equals).isPresent();
  }

  /**
   * Asks it to end, waits, then makes it end; does nothing where it has ended already.
   *
   * @return whether it ran
   */
  public boolean end(long graceSeconds) throws InterruptedException {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    if (!isAlive() || handle.isEmpty()) {
      return false;
    }
    handle.get().destroy();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(graceSeconds);
    while (isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    if (isAlive()) {
      handle.get().destroyForcibly();
      long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      while (isAlive() && System.nanoTime() < last) {
        Thread.sleep(20);
      }
    }
    return true;
  }

  private static String currentBoot() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }
}
