package dev.countersign.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;

/** The machine that a benchmark ran on, as every page of results ends or begins with it. */
public final class MachineDescription {
  private static final String UNKNOWN = "unknown";

  private MachineDescription() {}

  /** In one sentence. */
  public static String sentence() throws IOException {
    return "Machine: %s, %d processors, load average at the end %s; JDK %s; %s."
        .formatted(
            processor(),
            processors(),
            load().split(" ", 2)[0],
            Runtime.version(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /** As the lines of a table. */
  public static Stream<String> table() throws IOException {
    return Stream.of(
        "| machine | |",
        "|---|---|",
        "| processor | " + processor() + ", " + processors() + " cores |",
        "| memory | " + field("/proc/meminfo", "MemTotal") + " |",
        "| kernel | " + text("/proc/sys/kernel/osrelease") + " |",
        "| JDK | " + Runtime.version() + " |",
        "| load average at the end | " + load() + " |",
        "| date | " + Instant.now().truncatedTo(ChronoUnit.MINUTES) + " |");
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static String processor() throws IOException {
    return field("/proc/cpuinfo", "model name");
  }

  private static String load() throws IOException {
    return text("/proc/loadavg");
  }

  private static String text(String file) throws IOException {
    Path path = Path.of(file);
    return Files.isReadable(path) ? Files.readString(path).strip() : UNKNOWN;
  }

  private static String field(String file, String name) throws IOException {
    return text(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse(UNKNOWN);
  }
}
