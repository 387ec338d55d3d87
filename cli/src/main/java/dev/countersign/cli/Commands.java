package dev.countersign.cli;

import dev.countersign.cli.approver.ApproverCommand;
import dev.countersign.cli.completion.CompletionCommand;
import dev.countersign.cli.controlplane.ControlPlaneCommand;
import dev.countersign.cli.csr.CsrCommand;
import dev.countersign.cli.demo.DemoCommand;
import dev.countersign.cli.image.ImageCommand;
import dev.countersign.cli.manifests.ManifestsCommand;
import dev.countersign.cli.node.NodeCommand;
import dev.countersign.cli.render.RenderCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.token.TokenCommand;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The top-level commands, in the order the help shows them. A new command or group is one line
 * here, with its annotated class; the classes of the others are not even loaded when one is called,
 * which keeps the start quick.
 */
final class Commands {
  private static final SequencedMap<String, Source> ALL = new LinkedHashMap<>();

  static {
    ALL.put("demo", annotated(DemoCommand.class));
    ALL.put("render", RenderCommand::specified);
    ALL.put("approver", ApproverCommand::specified);
    ALL.put("manifests", annotated(ManifestsCommand.class));
    ALL.put("controlplane", annotated(ControlPlaneCommand.class));
    ALL.put("csr", annotated(CsrCommand.class));
    ALL.put("token", annotated(TokenCommand.class));
    ALL.put("image", annotated(ImageCommand.class));
    ALL.put("node", annotated(NodeCommand.class));
    ALL.put("completion", annotated(CompletionCommand.class));
  }

  /** Where a command is from. */
  @FunctionalInterface
  interface Source {
    CommandSpec specify(String name, Console console);
  }

  private Commands() {}

  private static Source annotated(Class<?> type) {
    return (name, console) ->
        CommandSpec.forAnnotatedObject(type, new ConsoleFactory(console)).name(name);
  }

  /**
   * What to register for this call: the one command it names, or all where it names none (help, an
   * error).
   */
  static Map<String, Source> neededFor(String... arguments) {
    for (String argument : arguments) {
      if (ALL.containsKey(argument)) {
        return Map.of(argument, ALL.get(argument));
      }
      if (!argument.startsWith("-")) {
        break;
      }
    }
    Map<String, Source> everything = new LinkedHashMap<>();
    everything.put("help", annotated(HelpCommand.class));
    everything.putAll(ALL);
    return everything;
  }

  /** Whether a command makes keys, or checks a signature for each request that comes. */
  static boolean signsOrVerifiesALot(String command) {
    return command.equals("render") || command.equals("approver");
  }

  /** The names of all commands. */
  static Collection<String> names() {
    return ALL.keySet();
  }
}
