package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.DebianVersion;
import dev.countersign.image.plan.PackageName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One target of a dependency, conflict or provision: {@code name[:arch] [(op version)]} (Debian
 * Policy 7.1).
 */
public record Relation(
    PackageName name, Optional<String> qualifier, Optional<VersionRange> versions) {
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([a-z0-9][a-z0-9+.-]+)(?::([a-z0-9-]+))?\\s*(?:\\(\\s*(<<|<=|=|>=|>>|<|>)\\s*([^\\s)]+)\\s*\\))?\\s*");

  /** Which versions are meant. {@code <} and {@code >} are dpkg's old spelling of ≤ and ≥. */
  public record VersionRange(Operator operator, DebianVersion version) {
    public VersionRange {
      Objects.requireNonNull(operator, "operator");
      Objects.requireNonNull(version, "version");
    }

    public boolean contains(DebianVersion candidate) {
      int order = candidate.compareTo(version);
      return switch (operator) {
        case EARLIER -> order < 0;
        case EARLIER_OR_EQUAL -> order <= 0;
        case EQUAL -> order == 0;
        case LATER_OR_EQUAL -> order >= 0;
        case LATER -> order > 0;
      };
    }

    @Override
    public String toString() {
      return "(" + operator.sign + " " + version + ")";
    }
  }

  /** How a version is compared. */
  public enum Operator {
    EARLIER("<<"),
    EARLIER_OR_EQUAL("<="),
    EQUAL("="),
    LATER_OR_EQUAL(">="),
    LATER(">>");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    static Operator of(String sign) {
      return switch (sign) {
        case "<<" -> EARLIER;
        case "<", "<=" -> EARLIER_OR_EQUAL;
        case "=" -> EQUAL;
        case ">", ">=" -> LATER_OR_EQUAL;
        case ">>" -> LATER;
        case String other -> throw new ImageException("operator", other, "<<, <=, =, >= or >>");
      };
    }
  }

  public Relation {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(qualifier, "qualifier");
    Objects.requireNonNull(versions, "versions");
  }

  /** A list in which all must hold and each is a choice: {@code a, b | c (>= 1)}. */
  public static List<List<Relation>> parseDependencies(String field) {
    var all = new ArrayList<List<Relation>>();
    for (String clause : field.split(",", -1)) {
      if (clause.isBlank()) {
        continue;
      }
      var choice = new ArrayList<Relation>();
      for (String alternative : clause.split("\\|", -1)) {
        choice.add(parseOne(alternative));
      }
      all.add(List.copyOf(choice));
    }
    return List.copyOf(all);
  }

  /** A list without choices: Provides, Conflicts, Breaks, Replaces. */
  public static List<Relation> parseList(String field) {
    var all = new ArrayList<Relation>();
    for (String each : field.split(",", -1)) {
      if (!each.isBlank()) {
        all.add(parseOne(each));
      }
    }
    return List.copyOf(all);
  }

  private static Relation parseOne(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new ImageException("relation", text.strip(), "name[:arch] [(operator version)]");
    }
    Optional<VersionRange> range =
        Optional.ofNullable(matcher.group(3))
            .map(
                sign -> new VersionRange(Operator.of(sign), DebianVersion.parse(matcher.group(4))));
    return new Relation(
        new PackageName(matcher.group(1)), Optional.ofNullable(matcher.group(2)), range);
  }

  @Override
  public String toString() {
    return name
        + qualifier.map(word -> ":" + word).orElse("")
        + versions.map(range -> " " + range).orElse("");
  }
}
