package dev.countersign.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testkit.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The plots beside the results are those of the results. */
class ResultPlotsTest {
  private static final Path RESULTS = Path.of("results");
  private static final GoldenFiles GOLDEN = GoldenFiles.in("results");

  @Test
  void everyPage_itsPlots_areThoseKeptAndAreShown() throws IOException {
    Set<String> drawn = new TreeSet<>();
    for (Path page : files(".md")) {
      String name = String.valueOf(page.getFileName()).replace(".md", "");
      List<String> lines = Files.readAllLines(page);
      Map<String, String> plots = ResultPlots.of(name, lines);
      plots.forEach(GOLDEN::assertMatches);
      assertThat(lines).containsAll(ResultPlots.links(name));
      drawn.addAll(plots.keySet());
    }
    assertThat(drawn)
        .isNotEmpty()
        .containsExactlyElementsOf(
            files(".svg").stream().map(file -> String.valueOf(file.getFileName())).toList());
  }

  @Test
  void peers_itsTable_hasRatesAndLatencies() {
    Map<String, String> plots =
        ResultPlots.of(
            "peers",
            List.of(
                "# Beside other approvers",
                "",
                "| | live | from start | p50 | p99 | p99 flooded | resident after |",
                "|---|---|---|---|---|---|---|",
                "| ours | 726/s | 259/s | 4.5 ms | 11.5 ms | 34 ms | 79 MiB |",
                "",
                "| of the better one | here |"));
    assertThat(plots).containsOnlyKeys("peers-rates.svg", "peers-latency.svg");
    assertThat(plots.get("peers-rates.svg")).contains(">726<", ">259<", ">from start<");
    assertThat(plots.get("peers-latency.svg")).contains(">4.5<", ">11.5<");
  }

  @Test
  void cellWithoutNumber_refused() {
    assertThatThrownBy(
            () ->
                ResultPlots.of(
                    "growth", List.of("|a|b|c|d|e|", "|---|---|---|---|---|", "|1|none|1|1|1|")))
        .hasMessage("got \"none\"; want a number");
  }

  private static List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(RESULTS)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }
}
