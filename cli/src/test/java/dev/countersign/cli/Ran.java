package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.StringWriter;

/** A command that ran in this process. */
record Ran(int status, String out, String err) {
  static Ran of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(out, true), new PrintWriter(err, true)), arguments);
    return new Ran(status, out.toString(), err.toString());
  }
}
