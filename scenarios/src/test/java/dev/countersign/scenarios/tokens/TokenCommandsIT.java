package dev.countersign.scenarios.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.node.SimulatedKubelet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token from its making to its end. */
@OnControlPlane
class TokenCommandsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void kubeconfigForNodes_withALoopbackServer_isWarnedOf(
      StrictCluster strict, @TempDir Path directory) {
    String out = "--kubeconfig-out=" + directory.resolve("bootstrap");
    Command own = strict.cluster().command("token", "create", "--node=loop-1", out);
    own.orThrow();
    assertThat(own.err()).contains("from the kubeconfig, which on a node is the node itself");
    Command named =
        strict
            .cluster()
            .command("token", "create", "--node=loop-2", out, "--server=https://192.0.2.1:6443");
    named.orThrow();
    assertThat(named.err()).doesNotContain("the node itself");
  }

  @Test
  void token_isShownOnce_listedWithItsUse_rotatedAndDeleted(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path first = directory.resolve("first.kubeconfig");
    Command created =
        strict
            .cluster()
            .command(
                "token",
                "create",
                "--node",
                "life-*",
                "--uses",
                "1",
                "--description",
                "for life",
                "--kubeconfig-out",
                first.toString(),
                "-o",
                "json");
    String id = JSON.readTree(created.orThrow()).path("id").asText();
    assertThat(id).hasSize(6);
    assertThat(JSON.readTree(created.out()).has("token")).isFalse();
    assertThat(mode(first)).isEqualTo("rw-------");
    assertThat(Files.readString(first)).contains(id + ".");

    try (var joins = strict.startJoins();
        SimulatedKubelet node = strict.cluster().joining("life-1");
        SimulatedKubelet next = strict.cluster().joining("life-2")) {
      node.bootstrap(first);
      JsonNode listed = listed(strict, id);
      assertThat(listed.at("/description").asText()).isEqualTo("for life");
      assertThat(listed.at("/grant/taken").asInt()).isEqualTo(1);
      assertThat(listed.at("/usedBy/0/node").asText()).isEqualTo("life-1");
      assertThat(listed.at("/usedBy/0/at").asText()).isNotEmpty();
      String table = strict.cluster().command("token", "list").orThrow();
      assertThat(table).contains(id, "life-1");
      assertThat(table).doesNotContain(secretOf(first));

      Path second = directory.resolve("second.kubeconfig");
      Command rotated =
          strict
              .cluster()
              .command(
                  "token",
                  "rotate",
                  id,
                  "--grace",
                  "0",
                  "--kubeconfig-out",
                  second.toString(),
                  "-o",
                  "json");
      String newId = JSON.readTree(rotated.orThrow()).path("id").asText();
      assertThat(newId).isNotEqualTo(id);
      assertThat(mode(second)).isEqualTo("rw-------");
      assertThatThrownBy(() -> next.bootstrap(first)).hasMessageContaining("401");
      next.bootstrap(second);

      Command deleted = strict.cluster().command("token", "delete", newId);
      assertThat(deleted.orThrow()).contains(newId);
      assertThat(strict.cluster().command("token", "list", "-o", "json").orThrow())
          .doesNotContain(newId);
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void graceOfARotation_isWrittenIntoTheOldToken(StrictCluster strict) throws Exception {
    String id =
        JSON.readTree(
                strict
                    .cluster()
                    .command("token", "create", "--node", "grace-1", "-o", "json")
                    .orThrow())
            .path("id")
            .asText();
    JsonNode rotated =
        JSON.readTree(
            strict
                .cluster()
                .command("token", "rotate", id, "--grace", "30m", "-o", "json")
                .orThrow());
    assertThat(listed(strict, id).at("/expiration").asText())
        .isEqualTo(rotated.path("replacedEnds").asText());
    assertThat(listed(strict, rotated.path("id").asText()).at("/grant/nodes/0").asText())
        .isEqualTo("grace-1");
  }

  @Test
  void nonsense_isRefusedAsUsage_andNothingIsMade(StrictCluster strict) {
    String before = strict.cluster().command("token", "list", "-o", "json").orThrow();
    assertThat(status(strict, "token", "create", "--uses", "2")).isEqualTo(2);
    assertThat(status(strict, "token", "create", "--node", "UPPER")).isEqualTo(2);
    assertThat(status(strict, "token", "create", "--node", "a", "--uses", "0")).isEqualTo(2);
    assertThat(status(strict, "token", "create", "--usages", "flying")).isEqualTo(2);
    assertThat(
            status(
                strict,
                "token",
                "create",
                "--node",
                "a",
                "--kubeconfig-out",
                "/no/such/directory/f"))
        .isEqualTo(2);
    assertThat(status(strict, "token", "rotate", "zzzzzz")).isEqualTo(2);
    assertThat(strict.cluster().command("token", "list", "-o", "json").orThrow()).isEqualTo(before);
  }

  private static int status(StrictCluster strict, String... words) {
    return strict.cluster().command(words).status();
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static String secretOf(Path kubeconfig) throws Exception {
    String text = Files.readString(kubeconfig);
    int token = text.indexOf("token: ");
    return text.substring(text.indexOf('.', token) + 1, text.indexOf('.', token) + 17);
  }

  private static JsonNode listed(StrictCluster strict, String id) throws Exception {
    String out = strict.cluster().command("token", "list", "-o", "json").orThrow();
    for (JsonNode token : JSON.readTree(out).path("items")) {
      if (token.path("id").asText().equals(id)) {
        return token;
      }
    }
    throw new AssertionError(id + " is not listed");
  }
}
