package dev.countersign.testbed.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What this host says of its processes and programs. */
final class HostProcesses {
  /** Runs a command within the grace, its output unseen; whether it ended well. */
  static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(SuperviseMain.GRACE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a program can be run, as a shell looks for it. */
  static boolean isProgram(String program) {
    if (program.contains("/")) {
      return Files.isExecutable(Path.of(program));
    }
    String path = System.getenv("PATH");
    return path != null
        && List.of(path.split(File.pathSeparator, -1)).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** The clock ticks from boot to a process's start; 0 where there is none. */
  static long startTime(long pid) {
    List<String> stat = stat(pid);
    return stat.size() > 19 ? Long.parseLong(stat.get(19)) : 0;
  }

  /**
   * The fields of {@code /proc/PID/stat} from the third on; none where there is no such process.
   */
  static List<String> stat(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // Field 2, the program's name, may hold spaces and parentheses.
      return List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
    } catch (IOException e) {
      return List.of();
    }
  }

  private HostProcesses() {}
}
