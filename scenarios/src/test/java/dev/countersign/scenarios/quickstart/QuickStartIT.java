package dev.countersign.scenarios.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  void everyCommand_works(Cluster cluster, @TempDir Path directory) throws Exception {
    CountersignProcess.program(directory.resolve("countersign"));
    Path plane = directory.resolve("quick-start");
    Path script =
        Files.writeString(
            directory.resolve("page.sh"),
            "set -eu\ntrap 'countersign controlplane down --dir %1$s' ERR\ncd ..\n%2$s"
                .formatted(plane, commands().replace("/tmp/quick-start", plane.toString())));
    String path = directory + ":" + System.getenv("PATH");

    Ran ran = Ran.run("", Map.of("PATH", path), List.of("bash", script.toString()));

    assertThat(ran.status()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains(
            "decision  approve for node worker-1", "decision  defer", "SanProtectedByCluster");
  }

  /** Explaining a request that is not approved ends with 3, as the page says. */
  private static String commands() throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .flatMap(block -> block.group(1).lines())
        .filter(line -> !line.startsWith("alias ") && !line.equals("countersign demo"))
        .map(line -> line.contains("claims-the-api-server") ? line + " || test $? = 3" : line)
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
