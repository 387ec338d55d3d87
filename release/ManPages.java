import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/**
 * Writes a manual page of each command, in AsciiDoc, into a directory. Run by {@code dev/release}
 * with the program's jars and picocli-codegen on the class path.
 */
public final class ManPages {
  private ManPages() {}

  public static void main(String[] arguments) throws IOException {
    Console console = Console.plain(new PrintWriter(System.out), new PrintWriter(System.err));
    CommandSpec countersign = Countersign.complete(console).getCommandSpec();
    System.exit(
        ManPageGenerator.generateManPage(
            new File(arguments[0]), null, new boolean[0], true, countersign));
  }
}
