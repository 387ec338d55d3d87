package dev.countersign.scenarios.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.OnControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shell runs the page's commands from the first to the last, but for the demo's. */
@OnControlPlane
class QuickStartIT {
  private static final Path PAGE = Path.of("../docs/quick-start.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```");

  @Test
  void everyCommand_works(Cluster cluster, @TempDir Path folder) throws Exception {
    Path program = folder.resolve("countersign");
    Files.writeString(
        program,
        CountersignProcess.command(List.of()).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "#!/bin/sh\nexec ", " \"$@\"\n")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path script = Files.writeString(folder.resolve("page.sh"), "set -eu\n" + commands());
    Path printed = folder.resolve("printed");
    ProcessBuilder shell = new ProcessBuilder("bash", script.toString());
    shell.directory(Path.of("..").toFile());
    shell.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
    Process running = shell.redirectErrorStream(true).redirectOutput(printed.toFile()).start();

    assertThat(running.waitFor(10, TimeUnit.MINUTES)).as(printed.toString()).isTrue();
    String output = Files.readString(printed);
    assertThat(running.exitValue()).as(output).isZero();
    assertThat(output)
        .contains("decision  approve for node worker-1", "decision  hold", "SanProtectedByCluster");
  }

  /** Explaining a request that is not approved ends with 3, as the page says. */
  private static String commands() throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .map(MatchResult::group)
        .map(block -> block.lines().filter(line -> !line.startsWith("```")))
        .flatMap(lines -> lines)
        .filter(line -> !line.startsWith("alias ") && !line.equals("countersign demo"))
        .map(line -> line.contains("claims-the-api-server") ? line + " || test $? = 3" : line)
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
