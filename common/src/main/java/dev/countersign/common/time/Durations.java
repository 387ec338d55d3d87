package dev.countersign.common.time;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations in the syntax of Go's {@code time.ParseDuration}, in whole numbers from days, which Go
 * lacks, to milliseconds: {@code 30d}, {@code 1h30m}, {@code 500ms}, {@code 0}.
 */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?"
              + "(?:([0-9]{1,9})ms)?");

  private Durations() {}

  /** Reads a duration: each unit at most once, the longer before the shorter. */
  public static Optional<Duration> parse(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    Matcher matcher = FORM.matcher(text);
    return text.isEmpty() || !matcher.matches()
        ? Optional.empty()
        : Optional.of(
            Duration.ofDays(number(matcher, 1))
                .plusHours(number(matcher, 2))
                .plusMinutes(number(matcher, 3))
                .plusSeconds(number(matcher, 4))
                .plusMillis(number(matcher, 5)));
  }

  private static long number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /** Returns hours, minutes and seconds, the form that flags of Kubernetes' own programs read. */
  public static String format(Duration duration) {
    StringBuilder text = new StringBuilder();
    append(text, duration.toHours(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    return text.isEmpty() ? "0s" : text.toString();
  }

  /**
   * Returns two or three significant figures for people, as kubectl shows ages ({@code
   * HumanDuration} of k8s.io/apimachinery/pkg/util/duration): {@code 90s}, {@code 5m10s}, {@code
   * 2d3h}, {@code 30d}. Less than zero is {@code <invalid>}, but for a second that clocks may
   * differ.
   */
  public static String human(Duration duration) {
    // Toward zero, as Go converts.
    long seconds = duration.toMillis() / 1000;
    long minutes = seconds / 60;
    long hours = minutes / 60;
    long days = hours / 24;
    if (seconds < -1) {
      return "<invalid>";
    } else if (seconds < 120) {
      return Math.max(0, seconds) + "s";
    } else if (minutes < 10) {
      return minutes + "m" + rest(seconds % 60, "s");
    } else if (hours < 3) {
      return minutes + "m";
    } else if (hours < 8) {
      return hours + "h" + rest(minutes % 60, "m");
    } else if (hours < 48) {
      return hours + "h";
    } else if (days < 8) {
      return days + "d" + rest(hours % 24, "h");
    } else if (days < 2 * 365) {
      return days + "d";
    } else if (days < 8 * 365) {
      return days / 365 + "y" + rest(days % 365, "d");
    }
    return days / 365 + "y";
  }

  private static String rest(long number, String unit) {
    return number == 0 ? "" : number + unit;
  }

  private static void append(StringBuilder text, long number, String unit) {
    if (number > 0) {
      text.append(number).append(unit);
    }
  }
}
