package dev.countersign.approver.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** What the operating system says about this process. Zero where it cannot be asked. */
final class ProcessFigures {
  private static final Path SELF = Path.of("/proc/self");

  private ProcessFigures() {}

  static double startSeconds() {
    return ProcessHandle.current().info().startInstant().map(Instant::getEpochSecond).orElse(0L);
  }

  static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis()
        / 1000.0;
  }

  static double residentBytes() {
    try {
      for (String line : Files.readAllLines(SELF.resolve("status"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024.0;
        }
      }
    } catch (IOException e) {
      // There is no /proc here.
    }
    return 0;
  }

  static double openDescriptors() {
    int count = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(SELF.resolve("fd"))) {
      for (Path ignored : entries) {
        count++;
      }
      // Less the one that this count itself needs.
      return count - 1.0;
    } catch (IOException e) {
      return 0;
    }
  }

  static String javaVersion() {
    return Runtime.version().toString();
  }
}
