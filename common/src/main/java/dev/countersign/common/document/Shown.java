package dev.countersign.common.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.Suggestion;
import java.util.Collection;
import java.util.Optional;

/** How errors show what a file holds, and what was probably meant. */
final class Shown {
  private Shown() {}

  /** Returns what was got: a text in quotes, a number, or the kind of anything else. */
  static String value(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> SafeText.quote(node.textValue());
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case NULL, MISSING -> "nothing";
      case BOOLEAN, NUMBER, BINARY, POJO -> node.asText();
    };
  }

  /** Returns advice where one of the words is near to what is there. */
  static Optional<String> suggestion(String word, Collection<String> words) {
    return Suggestion.nearest(word, words).map(meant -> "did you mean \"" + meant + "\"?");
  }
}
