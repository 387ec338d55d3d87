package dev.countersign.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
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

  /**
   * What the machine's processors have done since it started (proc_stat(5)), in ticks.
   *
   * @param busy at work or wanting to be
   * @param stolen that of {@code busy} which the hypervisor gave to others
   */
  public record Processors(long busy, long stolen) {
    private static final int IDLE = 4;
    private static final int WAITING = 5;
    private static final int STEAL = 8;

    /** Up to now; nothing where the machine does not say. */
    public static Processors now() throws IOException {
      String[] field = text("/proc/stat").lines().findFirst().orElse("").strip().split(" +", -1);
      if (!field[0].equals("cpu") || field.length <= STEAL) {
        return new Processors(0, 0);
      }
      long busy = 0;
      for (int i = 1; i <= STEAL; i++) {
        busy += i == IDLE || i == WAITING ? 0 : Long.parseLong(field[i]);
      }
      return new Processors(busy, Long.parseLong(field[STEAL]));
    }

    private String stolenUntil(Processors end) {
      long wanted = end.busy - busy;
      return wanted <= 0
          ? UNKNOWN
          : String.format(Locale.ROOT, "%.0f %%", 100.0 * (end.stolen - stolen) / wanted);
    }
  }

  /** As the lines of a table, for a benchmark that began at {@code start}. */
  public static Stream<String> table(Processors start) throws IOException {
    return Stream.of(
        "| machine | |",
        "|---|---|",
        "| processor | " + processor() + ", " + processors() + " cores |",
        "| memory | " + field("/proc/meminfo", "MemTotal") + " |",
        "| kernel | " + text("/proc/sys/kernel/osrelease") + " |",
        "| JDK | " + Runtime.version() + " |",
        "| load average at the end | " + load() + " |",
        "| of the CPU time wanted, given to others by the hypervisor | "
            + start.stolenUntil(Processors.now())
            + " |",
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
