package dev.countersign.render.approver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode json(String singleQuoted) throws IOException {
    return JSON.readTree(singleQuoted.replace('`', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`a`:1} | {`a`:1} | []",
        "{`a`:1} | {`a`:2} | [{`op`:`replace`,`path`:`/a`,`value`:2}]",
        "{`a`:1} | {`b/~`:1} |"
            + " [{`op`:`remove`,`path`:`/a`},{`op`:`add`,`path`:`/b~1~0`,`value`:1}]",
        "{`a`:[1]} | {`a`:[1,2]} | [{`op`:`add`,`path`:`/a/-`,`value`:2}]",
        "{`a`:[1]} | {`a`:[2]} |"
            + " [{`op`:`test`,`path`:`/a/0`,`value`:1},{`op`:`replace`,`path`:`/a/0`,`value`:2}]",
        "{`a`:[1,2]} | {`a`:[1]} | [{`op`:`replace`,`path`:`/a`,`value`:[1]}]",
        "{`a`:[{`name`:`x`,`b`:1}]} | {`a`:[{`name`:`x`}]} |"
            + " [{`op`:`test`,`path`:`/a/0/name`,`value`:`x`},{`op`:`remove`,`path`:`/a/0/b`}]",
        "{`a`:[{`name`:`x`}]} | {`a`:[{`name`:`y`}]} |"
            + " [{`op`:`replace`,`path`:`/a`,`value`:[{`name`:`y`}]}]",
        "{`a`:[{`b`:1}]} | {`a`:[{`b`:2}]} | [{`op`:`replace`,`path`:`/a`,`value`:[{`b`:2}]}]",
        "{`a`:{}} | {`a`:[]} | [{`op`:`replace`,`path`:`/a`,`value`:[]}]",
      })
  void patch_isWhatTurnsOneIntoTheOther(String from, String to, String patch) throws IOException {
    assertThat((JsonNode) JsonPatch.between(json(from), json(to))).isEqualTo(json(patch));
  }
}
