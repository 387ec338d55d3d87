package dev.countersign.bench.approver;

import dev.countersign.bench.MachineDescription;
import dev.countersign.bench.ResultPlots;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A page of results with the machine they were taken on; also printed as it grows. */
final class Report {
  private final StringBuilder page = new StringBuilder();
  private final PrintStream out;
  private final MachineDescription.Processors start;

  Report(String title, String how, PrintStream out) throws IOException {
    this.out = out;
    this.start = MachineDescription.Processors.now();
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

  /** Adds its plots and the machine, and writes the page. */
  void write(Path file) throws IOException, InterruptedException {
    String name = String.valueOf(file.getFileName());
    ResultPlots.links(name.substring(0, name.length() - ".md".length())).forEach(this::line);
    line("");
    MachineDescription.table(start).forEach(this::line);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, page, StandardCharsets.UTF_8);
    ResultPlots.write(file);
    out.println("written: " + file);
  }

  /** The one in the middle. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
