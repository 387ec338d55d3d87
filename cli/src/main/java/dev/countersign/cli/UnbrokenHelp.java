package dev.countersign.cli;

import dev.countersign.cli.terminal.WordWrap;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Help whose lines break between words only. picocli breaks them as prose, after hyphens and
 * slashes as well, and so in the middle of an option or of a file's name; punctuation has other
 * characters in its place, of Unicode's private use, until the lines are made.
 */
final class UnbrokenHelp extends Help {
  private static final char PRIVATE = '\ue000';

  private UnbrokenHelp(CommandSpec command, ColorScheme colours) {
    super(command, colours);
  }

  /** Makes all help of a command line, and of the commands that it has by now, of this kind. */
  static void of(CommandLine commandLine) {
    commandLine.setHelpFactory(UnbrokenHelp::new);
    apply(commandLine);
  }

  private static void apply(CommandLine command) {
    command.getHelpSectionMap().replaceAll((_, section) -> help -> restored(section.render(help)));
    command.getSubcommands().values().forEach(UnbrokenHelp::apply);
  }

  @Override
  public String description(Object... parameters) {
    return Arrays.stream(commandSpec().usageMessage().description())
        .flatMap(text -> WordWrap.wrap(text, commandSpec().usageMessage().width()).stream())
        .map(line -> line + System.lineSeparator())
        .collect(Collectors.joining());
  }

  @Override
  protected String insertSynopsisCommandName(int headingLength, Ansi.Text options) {
    return super.insertSynopsisCommandName(headingLength, unbroken(options));
  }

  @Override
  public IOptionRenderer createDefaultOptionRenderer() {
    IOptionRenderer usual = super.createDefaultOptionRenderer();
    return (option, labels, colours) -> unbroken(usual.render(option, labels, colours));
  }

  @Override
  public IParameterRenderer createDefaultParameterRenderer() {
    IParameterRenderer usual = super.createDefaultParameterRenderer();
    return (parameter, labels, colours) -> unbroken(usual.render(parameter, labels, colours));
  }

  /** The last column describes. */
  private Ansi.Text[][] unbroken(Ansi.Text[][] rows) {
    for (Ansi.Text[] row : rows) {
      row[row.length - 1] = unbroken(row[row.length - 1]);
    }
    return rows;
  }

  private Ansi.Text unbroken(Ansi.Text text) {
    StringBuilder unbroken = new StringBuilder();
    text.plainString()
        .chars()
        .forEach(c -> unbroken.append((char) (isPunctuation(c) ? PRIVATE + c : c)));
    return ansi().new Text(unbroken.toString(), colorScheme());
  }

  private static boolean isPunctuation(int c) {
    return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
  }

  private static String restored(String text) {
    StringBuilder restored = new StringBuilder();
    text.chars()
        .forEach(c -> restored.append((char) (isPunctuation(c - PRIVATE) ? c - PRIVATE : c)));
    return restored.toString();
  }
}
