package dev.countersign.cli.cluster;

import dev.countersign.common.command.CliException;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --dry-run} as kubectl spells it; a mixin. Nothing is sent with either of its ways. */
public final class DryRunOption {
  @Option(
      names = "--dry-run",
      paramLabel = "none|client|server",
      arity = "0..1",
      fallbackValue = "client",
      preprocessor = OnlyWithEquals.class,
      description = "Show what would be changed, and change nothing.")
  private String way = "none";

  /** As kubectl has it, {@code --dry-run worker-1} is a flag and a name. */
  private static final class OnlyWithEquals implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (" ".equals(info.get("separator"))) {
        words.push("client");
      }
      return false;
    }
  }

  /** Made by picocli. */
  public DryRunOption() {}

  /** Whether nothing is to be changed. */
  public boolean wanted() throws CliException {
    if (!List.of("none", "client", "server").contains(way)) {
      throw CliException.usage("--dry-run: got " + way + "; want none, client or server");
    }
    return !way.equals("none");
  }

  /** What is put after a change that is only shown; empty for one that is made. */
  public String note() {
    return way.equals("none") ? "" : " (" + way + " dry run)";
  }
}
