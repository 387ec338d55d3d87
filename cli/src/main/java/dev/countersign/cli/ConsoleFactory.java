package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import picocli.CommandLine;

/**
 * Makes commands: with their console, or its standard error, where their constructor takes one,
 * else as picocli does.
 */
final class ConsoleFactory implements CommandLine.IFactory {
  private final Console console;
  private final CommandLine.IFactory fallback = CommandLine.defaultFactory();

  ConsoleFactory(Console console) {
    this.console = console;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      Class<?>[] parameters = constructor.getParameterTypes();
      if (parameters.length == 1 && parameters[0] == Console.class) {
        constructor.setAccessible(true);
        return type.cast(constructor.newInstance(console));
      }
      if (parameters.length == 1 && parameters[0] == PrintWriter.class) {
        return type.cast(constructor.newInstance(console.err()));
      }
    }
    return fallback.create(type);
  }
}
