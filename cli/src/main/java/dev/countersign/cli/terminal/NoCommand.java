package dev.countersign.cli.terminal;

import java.util.Collection;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A command that only holds others was called by its bare name. */
public final class NoCommand extends ParameterException {
  private static final long serialVersionUID = 1L;

  /** Names those there are. */
  public NoCommand(CommandLine group, Collection<String> names) {
    super(group, "got no command; want one of: " + String.join(", ", names));
  }
}
