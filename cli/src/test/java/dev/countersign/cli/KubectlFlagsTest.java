package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** As a kubectl plugin, what talks to a cluster takes the flags that kubectl takes. */
class KubectlFlagsTest {
  private static final List<String> FLAGS =
      List.of(
          "--context", "--kubeconfig", "--namespace", "-n", "--output", "-o", "--request-timeout");

  private static final List<String> WITHOUT_A_CLUSTER = List.of("policy import");

  private static Map<String, CommandLine> groups() {
    return Countersign.complete(
            Console.plain(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())))
        .getSubcommands();
  }

  private static Map<String, CommandLine> commandsOf(String group) {
    return Objects.requireNonNull(groups().get(group)).getSubcommands();
  }

  /** Those with a command that can be told which cluster of a kubeconfig is meant. */
  private static List<String> groupsThatTalkToACluster() {
    return groups().entrySet().stream()
        .filter(
            group ->
                group.getValue().getSubcommands().values().stream()
                    .anyMatch(command -> command.getCommandSpec().findOption("--context") != null))
        .map(Map.Entry::getKey)
        .toList();
  }

  static List<Arguments> commands() {
    List<Arguments> commands = new ArrayList<>();
    for (String group : groupsThatTalkToACluster()) {
      commandsOf(group)
          .forEach(
              (name, command) -> {
                if (command.getCommandSpec().name().equals(name)
                    && !WITHOUT_A_CLUSTER.contains(group + " " + name)) {
                  commands.add(Arguments.of(group, name));
                }
              });
    }
    return commands;
  }

  @Test
  void groupsThatTalkToACluster_areFound() {
    assertThat(groupsThatTalkToACluster()).contains("csr", "node", "token");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void command_takesKubectlsFlags_andItsHelpShowsThem(String group, String name) {
    CommandLine command = Objects.requireNonNull(commandsOf(group).get(name));
    TreeSet<String> names = new TreeSet<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    assertThat(names).containsAll(FLAGS);
    assertThat(command.getUsageMessage()).contains(FLAGS);
  }
}
