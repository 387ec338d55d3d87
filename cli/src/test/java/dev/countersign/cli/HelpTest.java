package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.ExitStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class HelpTest {
  private static CommandLine root() {
    return Countersign.complete(
        Console.plain(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())));
  }

  private static void collect(CommandLine command, List<CommandLine> into) {
    into.add(command);
    command.getSubcommands().values().forEach(each -> collect(each, into));
  }

  @Test
  void everyCommand_hasAnExampleInItsHelp() {
    List<CommandLine> commands = new ArrayList<>();
    collect(root(), commands);
    assertThat(commands).hasSizeGreaterThan(30);
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName();
      assertThat(command.getUsageMessage())
          .as(name)
          .containsPattern("(?s)\nExamples?:\n.*\\b" + Pattern.quote(name) + "\\b");
    }
  }

  @Test
  void examples_fitIntoEightyColumns() {
    List<CommandLine> commands = new ArrayList<>();
    collect(root(), commands);
    for (CommandLine command : commands) {
      CommandSpec spec = command.getCommandSpec();
      for (String line : String.join("\n", spec.usageMessage().footer()).lines().toList()) {
        if (line.startsWith("  ")) {
          assertThat(line.length()).as(spec.qualifiedName() + ": " + line).isLessThanOrEqualTo(80);
        }
      }
    }
  }

  /** Words that a person copies: options, paths, names with hyphens. */
  @ParameterizedTest
  @ValueSource(ints = {60, 80, 100, 133})
  void noHelp_breaksAnOptionOrAFilesName(int width) {
    List<CommandLine> commands = new ArrayList<>();
    collect(root(), commands);
    for (CommandLine command : commands) {
      CommandSpec spec = command.getCommandSpec();
      List<String> texts = new ArrayList<>(List.of(spec.usageMessage().description()));
      spec.options().stream()
          .filter(option -> !option.hidden())
          .forEach(option -> texts.addAll(List.of(option.description())));
      spec.positionalParameters().forEach(each -> texts.addAll(List.of(each.description())));
      command.setUsageHelpWidth(width);
      List<String> printed = words(command.getUsageMessage());
      for (String text : texts) {
        for (String word : words(text)) {
          if (word.matches(".*[-/|].*") && !word.contains("${") && word.length() < width / 3) {
            assertThat(printed).as(spec.qualifiedName()).contains(word);
          }
        }
      }
      assertThat(command.getUsageMessage()).doesNotContainPattern("[\ue000-\uf8ff]");
    }
  }

  @Test
  void synopsis_breaksNoOption() {
    for (String line : Ran.of("csr", "list", "--help").out().lines().limit(14).toList()) {
      assertThat(line).doesNotEndWith("-").doesNotMatch(".*\\[[^\\]]*$");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "controlplane, 'up, down, status, bin'",
    "csr, 'list, explain, approve, deny'",
    "token, 'create, list, rotate, delete'",
    "image, 'lock, fetch, build, push, sign, inspect, verify'",
    "node, 'report, verify, doctor, addresses, drain, uncordon, delete'",
    "policy, 'import, check'",
  })
  void groupWithoutACommand_namesThoseItHas_withoutAliases(String group, String names) {
    StringWriter errors = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(new StringWriter()), new PrintWriter(errors, true)),
            group);
    assertThat(status).isEqualTo(ExitStatus.USAGE.code());
    assertThat(errors.toString().lines()).contains("got no command; want one of: " + names);
  }

  @ParameterizedTest
  @CsvSource({
    "help, Usage: countersign [",
    "help csr, Usage: countersign csr [",
    "help csr explain, Usage: countersign csr explain [",
    "help token ls, Usage: countersign token list [",
  })
  void help_isOfTheCommandThatIsNamed(String words, String usage) {
    Ran ran = Ran.of(words.split(" "));
    assertThat(ran.out()).startsWith(usage);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.status()).isZero();
  }

  @Test
  void help_ofNoCommand_namesThoseThereAre() {
    Ran ran = Ran.of("help", "csr", "explian");
    assertThat(ran.err())
        .startsWith(
            "error: help: got \"explian\", which is no command of countersign csr; want one of:"
                + " list, explain, approve, deny\n");
    assertThat(ran.status()).isEqualTo(2);
    assertThat(Ran.of("help", "demo", "more").err())
        .startsWith(
            "error: help: got \"more\", which is no command of countersign demo; want nothing");
  }

  private static List<String> words(String text) {
    return Pattern.compile("\\s+").splitAsStream(text).toList();
  }
}
