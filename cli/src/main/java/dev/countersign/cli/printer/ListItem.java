package dev.countersign.cli.printer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One item of a list.
 *
 * @param name what {@code -o name} prints: {@code certificatesigningrequest.certificates.k8s.io/x}
 * @param document what {@code -o json} prints
 * @param cells of a table, those of {@code -o wide} last
 */
public record ListItem(String name, Map<String, Object> document, List<String> cells) {
  public ListItem {
    Objects.requireNonNull(name, "name");
    document = Collections.unmodifiableMap(new LinkedHashMap<>(document));
    cells = List.copyOf(cells);
  }
}
