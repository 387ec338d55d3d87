package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.common.command.Version;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VersionCommandTest {
  @Test
  void version_isThatOfTheOption_alsoForScripts() throws Exception {
    assertThat(Ran.of("version").out()).isEqualTo(Ran.of("--version").out());
    for (String command : List.of("approver", "csr", "csr explain", "image build")) {
      List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.add("--version");
      assertThat(Ran.of(words.toArray(String[]::new)).out()).isEqualTo(Ran.of("--version").out());
    }
    JsonNode json = new ObjectMapper().readTree(Ran.of("version", "-o", "json").out());
    assertThat(json.path("kind").asText()).isEqualTo("Version");
    assertThat(json.path("version").asText()).isEqualTo(Version.text());
    assertThat(json.path("javaVersion").asText()).isEqualTo(Runtime.version().toString());
    assertThat(Ran.of("version", "-o", "yaml").out())
        .startsWith("apiVersion: countersign.dev/v1alpha1\nkind: Version\n");
  }
}
