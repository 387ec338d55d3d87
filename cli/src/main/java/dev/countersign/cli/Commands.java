package dev.countersign.cli;

import dev.countersign.approver.command.ApproverCommand;
import dev.countersign.cli.completion.CompletionCommand;
import dev.countersign.cli.controlplane.ControlPlaneCommand;
import dev.countersign.cli.csr.CsrCommand;
import dev.countersign.cli.demo.DemoCommand;
import dev.countersign.cli.image.ImageCommand;
import dev.countersign.cli.manifests.ManifestsCommand;
import dev.countersign.cli.node.NodeCommand;
import dev.countersign.cli.policy.PolicyCommand;
import dev.countersign.cli.render.RenderCommand;
import dev.countersign.cli.token.TokenCommand;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The top-level commands, in the order the help shows them. A new command or group is one line
 * here, with its annotated class; the classes of the others are not even loaded when one is called,
 * which keeps the start quick.
 */
final class Commands {
  private static final SequencedMap<String, Class<?>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("demo", DemoCommand.class);
    ALL.put("render", RenderCommand.class);
    ALL.put("approver", ApproverCommand.class);
    ALL.put("manifests", ManifestsCommand.class);
    ALL.put("controlplane", ControlPlaneCommand.class);
    ALL.put("csr", CsrCommand.class);
    ALL.put("policy", PolicyCommand.class);
    ALL.put("token", TokenCommand.class);
    ALL.put("image", ImageCommand.class);
    ALL.put("node", NodeCommand.class);
    ALL.put("completion", CompletionCommand.class);
    ALL.put("version", VersionCommand.class);
  }

  private Commands() {}

  /**
   * What to register for this call: the one command it names, or all where it names none (help, an
   * error).
   */
  static Map<String, Class<?>> neededFor(String... arguments) {
    for (String argument : arguments) {
      if (ALL.containsKey(argument)) {
        return Map.of(argument, ALL.get(argument));
      }
      if (!argument.startsWith("-")) {
        break;
      }
    }
    Map<String, Class<?>> everything = new LinkedHashMap<>();
    everything.put("help", HelpCommand.class);
    everything.putAll(ALL);
    return everything;
  }

  /** The names of all commands. */
  static Collection<String> names() {
    return ALL.keySet();
  }
}
