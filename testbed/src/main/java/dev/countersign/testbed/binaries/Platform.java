package dev.countersign.testbed.binaries;

import java.util.Locale;
import java.util.Objects;

/**
 * An operating system and architecture by Go's names for them.
 *
 * @param os such as {@code linux}
 * @param arch such as {@code amd64}
 */
record Platform(String os, String arch) {
  Platform {
    Objects.requireNonNull(os);
    Objects.requireNonNull(arch);
  }

  /** That of this JVM. */
  static Platform current() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return new Platform(
        os.startsWith("mac") ? "darwin" : os.split(" ", -1)[0],
        switch (arch) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> arch;
        });
  }

  String fill(String template, String version) {
    return template.replace("{version}", version).replace("{os}", os).replace("{arch}", arch);
  }

  @Override
  public String toString() {
    return os + "-" + arch;
  }
}
