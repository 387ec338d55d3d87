package dev.countersign.policy.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.config.PolicyWarnings.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fields and values of a policy file by the names that they had one release ago. They keep working
 * until the next release, with a warning.
 */
final class FormerWords {
  /**
   * What was renamed.
   *
   * @param section the field of {@code spec} that has it, empty for {@code spec} itself
   * @param field the field, by its former name if that is what changed
   * @param value the former value; empty where the field was renamed
   * @param now the name of today
   */
  private record Renamed(String section, String field, Optional<String> value, String now) {}

  private static final List<Renamed> ALL =
      List.of(
          value("", "mode", "DryRun", "Audit"),
          field("names", "allowInternationalized", "allowIDN"),
          value("inventory", "combine", "FirstThatKnows", "FirstMatch"),
          value("renewal", "onChange", "Hold", "Defer"),
          field("renewal", "settlesContest", "resolveContested"));

  private FormerWords() {}

  private static Renamed value(String section, String field, String former, String now) {
    return new Renamed(section, field, Optional.of(former), now);
  }

  private static Renamed field(String section, String former, String now) {
    return new Renamed(section, former, Optional.empty(), now);
  }

  /** Puts the words of today into a policy, and returns a warning for each that was replaced. */
  static List<Warning> replace(JsonNode policy) {
    List<Warning> warnings = new ArrayList<>();
    JsonNode spec = policy.path("spec");
    for (Renamed renamed : ALL) {
      JsonNode section = renamed.section().isEmpty() ? spec : spec.path(renamed.section());
      if (section instanceof ObjectNode object && replace(object, renamed)) {
        String prefix = renamed.section().isEmpty() ? "" : renamed.section() + ".";
        warnings.add(
            renamed.value().isPresent()
                ? deprecated(prefix + renamed.field(), renamed.value().get(), renamed.now())
                : deprecated(prefix + renamed.field(), "its former name", prefix + renamed.now()));
      }
    }
    return warnings;
  }

  private static Warning deprecated(String path, String got, String now) {
    return new Warning(path, got, "deprecated, and refused from the next release on; want " + now);
  }

  private static boolean replace(ObjectNode object, Renamed renamed) {
    JsonNode found = object.get(renamed.field());
    if (found == null) {
      return false;
    }
    if (renamed.value().isPresent()) {
      boolean former = found.isTextual() && found.textValue().equals(renamed.value().get());
      if (former) {
        object.put(renamed.field(), renamed.now());
      }
      return former;
    }
    // Where both are there, the former one is reported as unknown.
    if (object.has(renamed.now())) {
      return false;
    }
    object.set(renamed.now(), found);
    object.remove(renamed.field());
    return true;
  }
}
