package dev.countersign.cli;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/**
 * A command whose options are said in code. Where they are annotations, the JVM makes proxies and
 * method handles for them anew at every start, which costs more than a tenth of a second; so the
 * commands that have a budget for their start do without (docs/adr/0003).
 */
public final class CommandBuilder {
  private final CommandSpec spec;

  private CommandBuilder(CommandSpec spec) {
    this.spec = spec;
  }

  /**
   * A command with {@code --help} and {@code --version}.
   *
   * @param command a {@link Runnable} or a {@link java.util.concurrent.Callable}
   */
  public static CommandBuilder of(String name, Object command) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
    return new CommandBuilder(spec);
  }

  /** What it does; each element is a paragraph. */
  public CommandBuilder description(String... paragraphs) {
    spec.usageMessage().description(paragraphs);
    return this;
  }

  /** What stands below the options. */
  public CommandBuilder footer(String... lines) {
    spec.usageMessage().footer(lines);
    return this;
  }

  /** An option without a value. */
  public CommandBuilder flag(String name, Consumer<Boolean> set, String description) {
    spec.addOption(flagOf(name, set, description).build());
    return this;
  }

  /** An option without a value that every subcommand takes, too. */
  public CommandBuilder inheritedFlag(String name, Consumer<Boolean> set, String description) {
    spec.addOption(flagOf(name, set, description).scopeType(ScopeType.INHERIT).build());
    return this;
  }

  private static OptionSpec.Builder flagOf(String name, Consumer<Boolean> set, String description) {
    return OptionSpec.builder(name)
        .type(boolean.class)
        .hasInitialValue(false)
        .setter(into(set))
        .description(description);
  }

  /** An option with a value. */
  public <T> CommandBuilder option(
      String name, Class<T> type, Consumer<T> set, String label, String description) {
    spec.addOption(optionOf(name, type, set, label, description).build());
    return this;
  }

  /** An option that must be there. */
  public <T> CommandBuilder required(
      String name, Class<T> type, Consumer<T> set, String label, String description) {
    spec.addOption(optionOf(name, type, set, label, description).required(true).build());
    return this;
  }

  /** An option with a value where it is not given; {@code ${DEFAULT-VALUE}} shows it. */
  public <T> CommandBuilder option(
      String name,
      Class<T> type,
      Consumer<T> set,
      String label,
      String byDefault,
      String description) {
    spec.addOption(optionOf(name, type, set, label, description).defaultValue(byDefault).build());
    return this;
  }

  /** The same, in a form of its own. */
  public <T> CommandBuilder option(
      String name,
      Class<T> type,
      ITypeConverter<T> form,
      Consumer<T> set,
      String label,
      String byDefault,
      String description) {
    spec.addOption(
        optionOf(name, type, set, label, description)
            .converters(form)
            .defaultValue(byDefault)
            .build());
    return this;
  }

  private static <T> OptionSpec.Builder optionOf(
      String name, Class<T> type, Consumer<T> set, String label, String description) {
    return OptionSpec.builder(name)
        .type(type)
        .hasInitialValue(false)
        .setter(into(set))
        .paramLabel(label)
        .description(description);
  }

  /** picocli gives what it has converted to the option's type. */
  @SuppressWarnings("unchecked")
  private static <V> ISetter into(Consumer<V> set) {
    return new ISetter() {
      @Override
      public <T> @Nullable T set(T value) {
        set.accept((V) value);
        return null;
      }
    };
  }

  /** The command. */
  public CommandSpec build() {
    return spec;
  }
}
