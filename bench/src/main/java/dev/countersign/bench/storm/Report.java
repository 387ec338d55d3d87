package dev.countersign.bench.storm;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A page of results with the machine they were taken on; also printed as it grows. */
final class Report {
  private final StringBuilder page = new StringBuilder();
  private final PrintStream out;

  Report(String title, String how, PrintStream out) {
    this.out = out;
    line("# " + title);
    line("");
    line("Written by `" + how + "`.");
    line("");
  }

  void line(String text) {
    page.append(text).append('\n');
    out.println(text);
    out.flush();
  }

  void line(String format, Object first, Object... more) {
    Object[] all = new Object[more.length + 1];
    all[0] = first;
    System.arraycopy(more, 0, all, 1, more.length);
    line(String.format(Locale.ROOT, format, all));
  }

  /** Adds the machine and writes the page. */
  void write(Path file) throws IOException, InterruptedException {
    line("");
    line("| machine | |");
    line("|---|---|");
    line("| processor | %s, %d cores |", processor(), Runtime.getRuntime().availableProcessors());
    line("| memory | %s |", lineOf("/proc/meminfo", "MemTotal:"));
    line("| kernel | %s |", Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    line("| JDK | %s |", Runtime.version());
    line("| load average at the end | %s |", Files.readString(Path.of("/proc/loadavg")).strip());
    line("| date | %s |", Instant.now().truncatedTo(ChronoUnit.MINUTES));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, page, StandardCharsets.UTF_8);
    out.println("written: " + file);
  }

  private static String processor() throws IOException {
    return lineOf("/proc/cpuinfo", "model name");
  }

  private static String lineOf(String file, String start) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(start)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }
}
