package dev.countersign.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.bench.Plot.Kind;
import dev.countersign.bench.Plot.Series;
import dev.countersign.testkit.GoldenFiles;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlotTest {
  private static final GoldenFiles GOLDEN = GoldenFiles.in("src/test/golden/plot");

  private static Plot plot(Kind kind) {
    return new Plot(
        "Names & \"values\" <sample>",
        "ms",
        kind,
        List.of("<ours>", "a peer's"),
        List.of(
            new Series("p50", List.of(4.5, 12.0)), new Series("p99 & more", List.of(0.0, 607.4))));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void toSvg_twoSeries_asGolden(Kind kind) {
    GOLDEN.assertMatches(
        kind.name().toLowerCase(java.util.Locale.ROOT) + ".svg", plot(kind).toSvg());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void toSvg_onlyZeros_placesAreNumbers(Kind kind) {
    String svg =
        new Plot("nothing", "", kind, List.of("one"), List.of(new Series("s", List.of(0.0))))
            .toSvg();
    assertThat(svg).doesNotContain("NaN", "Infinity");
  }

  @Test
  void plot_valuesWithoutCategory_refused() {
    assertThatThrownBy(
            () ->
                new Plot(
                    "t", "", Kind.BARS, List.of("a"), List.of(new Series("s", List.of(1.0, 2.0)))))
        .hasMessageContaining("s: got [1.0, 2.0]; want 1 values");
  }

  @Test
  void plot_belowZero_refused() {
    assertThatThrownBy(
            () ->
                new Plot("t", "", Kind.BARS, List.of("a"), List.of(new Series("s", List.of(-1.0)))))
        .hasMessageContaining("zero or more");
  }

  @Test
  void plot_noSeries_refused() {
    assertThatThrownBy(() -> new Plot("t", "", Kind.BARS, List.of("a"), List.of()))
        .hasMessageContaining("got 0 series");
  }
}
