package dev.countersign.cli.demo.machine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.testbed.machine.Differences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demo's parts found and said so far. Every part is a process of its own, so it is handed
 * on in a file of the demo's directory.
 */
final class Findings {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "findings.json";

  /**
   * Something that the demo looked at.
   *
   * @param what in words
   * @param result what was found, or what is wrong
   * @param good whether it is as it should be
   */
  record Check(String what, String result, boolean good) {
    /** As it is shown in a table. */
    String shown() {
      return good ? result : "NO: " + result;
    }
  }

  private final Path file;
  private final List<Check> checks = new ArrayList<>();
  private final List<String> differences = new ArrayList<>();
  private int chapters;

  private Findings(Path file) {
    this.file = file;
  }

  /** What earlier parts left in a directory; nothing before the first. */
  static Findings in(Path directory) throws IOException {
    Findings findings = new Findings(directory.resolve(FILE));
    if (Files.exists(findings.file)) {
      JsonNode root = JSON.readTree(findings.file.toFile());
      findings.chapters = root.path("chapters").asInt();
      root.path("differences").forEach(each -> findings.differences.add(each.asText()));
      for (JsonNode each : root.path("checks")) {
        findings.checks.add(
            new Check(
                each.path("what").asText(),
                each.path("result").asText(),
                each.path("good").asBoolean()));
      }
    }
    return findings;
  }

  /** Hands on to the next part. */
  void write() throws IOException {
    ObjectNode root = JSON.createObjectNode().put("chapters", chapters);
    differences.forEach(root.putArray("differences")::add);
    var list = root.putArray("checks");
    for (Check each : checks) {
      list.addObject()
          .put("what", each.what())
          .put("result", each.result())
          .put("good", each.good());
    }
    JSON.writeValue(file.toFile(), root);
  }

  /** Something that is as it should be: it would not have got here otherwise. */
  void seen(String what) {
    checks.add(new Check(what, "yes", true));
  }

  /** Something that is as it should be only if it is what was wanted. */
  void compare(String what, String got, String want) {
    boolean good = got.equals(want);
    checks.add(new Check(what, good ? "yes" : "got %s; want %s".formatted(got, want), good));
  }

  /** Something with a result that says more than yes. */
  void add(Check check) {
    checks.add(check);
  }

  List<Check> checks() {
    return List.copyOf(checks);
  }

  /** Whether all that was looked at was as it should be. */
  boolean good() {
    return checks.stream().allMatch(Check::good);
  }

  /** Those of a machine's differences that were not told of before; from now on they were. */
  List<String> untold(Differences all) {
    List<String> untold =
        all.sentences().stream().filter(each -> !differences.contains(each)).toList();
    differences.addAll(untold);
    return untold;
  }

  /** How many chapters were told. */
  int chapters() {
    return chapters;
  }

  void told(int count) {
    chapters = count;
  }
}
