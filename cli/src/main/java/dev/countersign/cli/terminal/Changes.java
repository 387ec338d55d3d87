package dev.countersign.cli.terminal;

import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a command changed: a line for each as it happens, or one document at its end. */
public final class Changes implements AutoCloseable {
  private final Console console;
  private final FormatOption format;
  private final String dryRun;
  private final List<Map<String, Object>> items = new ArrayList<>();

  /** Nothing yet. */
  public Changes(Console console, FormatOption format) {
    this(console, format, "");
  }

  /**
   * Nothing yet.
   *
   * @param dryRun put after each change where none is made; else empty
   */
  public Changes(Console console, FormatOption format, String dryRun) {
    this.console = console;
    this.format = format;
    this.dryRun = dryRun;
  }

  /**
   * One change: {@code node worker-1 deleted}.
   *
   * @param kind what it is
   * @param name its name, perhaps chosen by someone hostile
   * @param action what was done to it, in the past tense
   * @param note more to say of it; empty for nothing
   */
  public void add(String kind, String name, String action, String note) {
    if (format.isTable()) {
      console.out().println(kind + " " + SafeText.line(name) + " " + action + note + dryRun);
      return;
    }
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("kind", kind);
    item.put("name", name);
    item.put("action", action);
    if (!dryRun.isEmpty()) {
      item.put("dryRun", true);
    }
    items.add(item);
  }

  /** Prints the document, also where the command failed half-way. */
  @Override
  public void close() {
    if (!format.isTable()) {
      Document.printItems(console, format.format(), items);
    }
  }
}
