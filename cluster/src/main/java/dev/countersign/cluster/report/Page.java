package dev.countersign.cluster.report;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a page shows: facts, then tables.
 *
 * @param title of the page
 * @param at when what it shows was so
 * @param facts what to know first, in order
 * @param sections its tables
 */
public record Page(String title, Instant at, List<Fact> facts, List<Section> sections) {
  public Page {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(at, "at");
    facts = List.copyOf(facts);
    sections = List.copyOf(sections);
  }

  /** One line above the tables. */
  public record Fact(String term, String text) {
    public Fact {
      Objects.requireNonNull(term, "term");
      Objects.requireNonNull(text, "text");
    }
  }

  /**
   * A table.
   *
   * @param id of the element; lower-case letters
   * @param title its heading
   * @param note what to know about it; may be empty
   * @param empty what stands there where it has no rows
   * @param columns the headings
   * @param group the heading of the column by whose values rows are counted and chosen
   * @param rows each with a cell for every column
   */
  public record Section(
      String id,
      String title,
      String note,
      String empty,
      List<String> columns,
      Optional<String> group,
      List<List<Cell>> rows) {
    public Section {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      if (!id.matches("[a-z]+") || (group.isPresent() && !columns.contains(group.get()))) {
        throw new IllegalArgumentException(
            "section: got id " + id + ", group " + group + "; want letters, and a column");
      }
      for (List<Cell> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "section " + id + ": got a row of " + row.size() + " cells; want " + columns.size());
        }
      }
    }
  }
}
