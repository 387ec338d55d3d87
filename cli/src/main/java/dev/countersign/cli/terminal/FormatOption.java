package dev.countersign.cli.terminal;

import picocli.CommandLine.Option;

/** The flag {@code -o}, for commands that print a result; a mixin. */
public final class FormatOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, json or yaml. Default: ${DEFAULT-VALUE}.")
  private OutputFormat format = OutputFormat.TABLE;

  /** Made by picocli. */
  public FormatOption() {}

  /** What was asked for. */
  public OutputFormat format() {
    return format;
  }

  /** Whether the result is for people. */
  public boolean isTable() {
    return format == OutputFormat.TABLE;
  }
}
