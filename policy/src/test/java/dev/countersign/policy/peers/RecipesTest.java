package dev.countersign.policy.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each policy of {@code docs/recipes.md} approves what such a cluster asks for, and no more. */
class RecipesTest {
  private static final CaseFile RECIPES = CaseFile.read("recipes.yaml");

  @TestFactory
  Stream<DynamicNode> everyRecipe_decidesAsItSays() {
    return PeersTest.tests(RECIPES);
  }

  @Test
  void everyExample_isARecipeWithHonestRequestsAndNearMisses() throws IOException {
    String page = Files.readString(Path.of("../docs/recipes.md"));
    List<String> examples;
    try (Stream<Path> files = Files.list(Path.of("../examples/policies"))) {
      examples =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("everything.yaml"))
              .map(name -> name.replace(".yaml", ""))
              .toList();
    }
    assertThat(RECIPES.tables().stream().map(CaseFile.Table::name))
        .containsExactlyInAnyOrderElementsOf(examples);
    for (CaseFile.Table recipe : RECIPES.tables()) {
      assertThat(page).contains("](../examples/policies/" + recipe.name() + ".yaml)");
      assertThat(
              recipe.rows().stream()
                  .collect(
                      Collectors.partitioningBy(
                          row -> row.ours().outcome() == Outcome.APPROVE, Collectors.counting())))
          .as(recipe.name())
          .allSatisfy((_, count) -> assertThat(count).isGreaterThanOrEqualTo(2));
    }
  }
}
