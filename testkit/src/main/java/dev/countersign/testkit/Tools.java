package dev.countersign.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.opentest4j.TestAbortedException;

/** Programs that tests run and a machine may lack. */
public final class Tools {
  private Tools() {}

  /** An executable by its name, in this process's PATH. */
  public static Optional<Path> find(String name) {
    return find(searchPath(), name);
  }

  static Optional<Path> find(String searchPath, String name) {
    return Arrays.stream(searchPath.split(File.pathSeparator, -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  static String searchPath() {
    return Optional.ofNullable(System.getenv("PATH")).orElse("");
  }

  /** Whether this is a build server, where nothing may be skipped for want of a tool. */
  static boolean inCi() {
    return "true".equals(System.getenv("CI"));
  }

  /** What to throw for want of a tool: it skips the test, or fails it on a build server. */
  public static RuntimeException missing(String why) {
    if (inCi()) {
      throw new AssertionError(
          why + "; with CI=true a test must not be skipped for want of a tool");
    }
    return new TestAbortedException(why);
  }
}
