package dev.countersign.common.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> WORDS =
      List.of("demo", "render", "clusterName", "podCidr", "serviceCidr", "--dry-run");

  @ParameterizedTest
  @CsvSource({
    "dmeo, demo",
    "rendr, render",
    "clusternaem, clusterName",
    "cluster_name, clusterName",
    "pod, podCidr",
    "--dryrun, --dry-run",
    "Demo, demo",
  })
  void nearest_ofASlip_isWhatWasMeant(String word, String meant) {
    assertThat(Suggestion.nearest(word, WORDS)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"zzzz", "''", "de", "cidr", "remo te"})
  void nearest_ofSomethingElse_isNothing(String word) {
    assertThat(Suggestion.nearest(word, WORDS)).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "name, names, names",
    "NAMES, names, names",
    "nmaes, names, names",
    "nmase, names,",
    "mod, mode, mode",
    "mox, mode,",
    "abcdef, abcxyz,",
    "ax, ab,",
    "abcd, abcdef, abcdef",
    "name, surname,",
  })
  void nearest_isATypingErrorAway(String word, String candidate, @Nullable String meant) {
    assertThat(Suggestion.nearest(word, List.of(candidate))).isEqualTo(Optional.ofNullable(meant));
  }

  @Test
  void nearest_ofTwo_isTheNearer_andTheFirstWhereNeitherIs() {
    assertThat(Suggestion.nearest("abcdefgh", List.of("abcdefxy", "abcdefgx")))
        .contains("abcdefgx");
    assertThat(Suggestion.nearest("abcdefgh", List.of("abcdefgy", "abcdefgx")))
        .contains("abcdefgx");
  }

  @Test
  void nearest_ofTwoThatBeginAlike_isTheNearer() {
    assertThat(Suggestion.nearest("nam", List.of("names", "name"))).contains("name");
  }

  @Test
  void nearest_ofAFlood_isNothing() {
    assertThat(Suggestion.nearest("d".repeat(64), List.of("D".repeat(64)))).isPresent();
    assertThat(Suggestion.nearest("d".repeat(65), List.of("D".repeat(65)))).isEmpty();
  }
}
