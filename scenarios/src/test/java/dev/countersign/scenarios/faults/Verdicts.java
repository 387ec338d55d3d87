package dev.countersign.scenarios.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the requests of a storm.
 *
 * @param approved honest requests with exactly one condition, an approval
 * @param open honest requests without any condition
 * @param wrong whatever should not be, by name of the request: a hostile request approved, an
 *     honest one denied, more than one condition
 * @param hostile hostile requests that are not approved
 */
record Verdicts(int approved, int open, int hostile, Map<String, String> wrong) {
  static final String HOSTILE = "hostile-";

  static Verdicts of(JsonNode list) {
    int approved = 0;
    int open = 0;
    int hostile = 0;
    Map<String, String> wrong = new TreeMap<>();
    for (JsonNode csr : list.path("items")) {
      String name = csr.path("metadata").path("name").asText();
      JsonNode conditions = csr.path("status").path("conditions");
      boolean isHostile = name.startsWith(HOSTILE);
      if (conditions.isEmpty()) {
        if (isHostile) {
          hostile++;
        } else {
          open++;
        }
      } else if (conditions.size() == 1
          && conditions.get(0).path("type").asText().equals(isHostile ? "Denied" : "Approved")) {
        if (isHostile) {
          hostile++;
        } else {
          approved++;
        }
      } else {
        wrong.put(name, conditions.toString());
      }
    }
    return new Verdicts(approved, open, hostile, wrong);
  }
}
