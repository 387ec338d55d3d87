package dev.countersign.policy.explain;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** An explanation for people, in lines: what speaks against the request comes first. */
public final class ExplanationText {
  private static final String INDENT = " ".repeat(10);

  private ExplanationText() {}

  /** How a line is to be taken. */
  public enum Tone {
    /** As it is. */
    PLAIN,
    /** A heading. */
    STRONG,
    /** Nothing against the request. */
    GOOD,
    /** Something against it. */
    BAD,
    /** Not known yet. */
    UNCERTAIN,
    /** Of no weight in the decision. */
    FAINT
  }

  /**
   * A line.
   *
   * @param label what stands before the text, padded; a wrapped text continues below its own start
   * @param text printable
   * @param tone of the whole line
   */
  public record Line(String label, String text, Tone tone) {
    public Line {
      Objects.requireNonNull(label, "label");
      Objects.requireNonNull(text, "text");
      Objects.requireNonNull(tone, "tone");
    }

    @Override
    public String toString() {
      return label + text;
    }
  }

  /** The lines. */
  public static List<Line> lines(Explanation explanation) {
    List<Line> lines = new ArrayList<>();
    lines.add(plain("request   ", SafeText.line(explanation.request())));
    explanation.policy().ifPresent(source -> lines.add(plain("policy    ", source)));
    lines.add(decision(explanation));
    lines.add(plain("", ""));
    explanation.checks().stream()
        .sorted(Comparator.comparingInt(result -> rank(result.verdict())))
        .forEach(result -> add(lines, result));
    if (!explanation.changes().isEmpty()) {
      if (!lines.getLast().text().isEmpty()) {
        lines.add(plain("", ""));
      }
      lines.add(new Line("", "what would change it", Tone.STRONG));
      explanation.changes().forEach(change -> lines.add(plain("  ", change)));
    }
    return lines;
  }

  private static Line decision(Explanation explanation) {
    return switch (explanation.outcome()) {
      case Outcome.Approve(String node) -> decision("approve for node " + node, Tone.GOOD);
      case Outcome.Deny _ -> decision("deny", Tone.BAD);
      case Outcome.Defer _ -> decision("defer", Tone.UNCERTAIN);
      case Outcome.Ignore(String because) ->
          decision("ignore, because " + SafeText.line(because), Tone.FAINT);
    };
  }

  private static Line decision(String text, Tone tone) {
    return new Line("decision  ", text, tone);
  }

  private static void add(List<Line> lines, CheckResult result) {
    lines.add(
        new Line(
            pad(result.verdict().text(), 10) + pad(result.evidence().toLowerCase(Locale.ROOT), 9),
            result.check(),
            tone(result.verdict())));
    for (Finding finding : result.findings()) {
      lines.add(new Line(INDENT, finding.reason(), tone(result.verdict())));
      lines.add(plain(INDENT + "  at   ", finding.path()));
      lines.add(plain(INDENT + "  got  ", finding.got()));
      lines.add(plain(INDENT + "  want ", finding.want()));
    }
  }

  private static int rank(Verdict verdict) {
    return switch (verdict) {
      case VIOLATED -> 0;
      case UNKNOWN -> 1;
      case PASSED -> 2;
      case OFF -> 3;
    };
  }

  private static Tone tone(Verdict verdict) {
    return switch (verdict) {
      case VIOLATED -> Tone.BAD;
      case UNKNOWN -> Tone.UNCERTAIN;
      case PASSED -> Tone.GOOD;
      case OFF -> Tone.FAINT;
    };
  }

  private static Line plain(String label, String text) {
    return new Line(label, text, Tone.PLAIN);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }
}
