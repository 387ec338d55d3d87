package dev.countersign.common.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reader of YAML and JSON. */
class DocumentsTest {

  /** YAML does not admit U+007F, JSON does. Where both are in one text, a line may be missing. */
  @ParameterizedTest
  @CsvSource({
    "'\n{\"a\": \"\u007f\"}', a (line 2)",
    "'\n{\"a\": \"\u007f\"}\n---\n', a",
  })
  void anUnknownField_isReported(String text, String place) {
    assertThat(
            Fields.read(text, Documents.LONGEST_SETTINGS, fields -> Optional.of("read"))
                    instanceof ParseResult.Refused<String> refused
                ? refused.message()
                : "none")
        .isEqualTo(place + ": got an unknown field; want no fields");
  }
}
