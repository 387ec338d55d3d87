package dev.countersign.cli.terminal;

import java.util.Locale;

/** The values of {@code -o}. */
public enum OutputFormat {
  /** For people. */
  TABLE,
  /** For scripts. */
  JSON,
  /** For people who live in YAML. */
  YAML;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
