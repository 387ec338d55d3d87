package dev.countersign.render.spec;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.time.Durations;
import dev.countersign.render.network.Host;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Reads the values of a spec's fields, each with its rule. */
final class SpecFields {
  static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

  static final String LABEL_WANT =
      "1 to 63 lower-case letters, digits or hyphens, a letter or digit at both ends";

  static final Pattern QUALIFIED =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?"
              + "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");

  /** Certificates end before the year 10000 (RFC 5280, section 4.1.2.5). */
  static final Duration LONGEST_DURATION = Duration.ofDays(1_000_000);

  private static final String DURATION_WANT = "a duration above zero such as 8760h, 30d or 1h30m";

  /** Returns a constant as specs have it: {@code rsa-2048}. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<String> image(Fields fields, String key) {
    return fields.parsed(
        key, ContainerImage.REFERENCE_WANT, Fields.matching(ContainerImage::isReference));
  }

  static Optional<String> required(Fields fields, String key, Pattern form, String want) {
    return fields.required(key, want, Fields.matching(form.asMatchPredicate()));
  }

  static List<String> texts(Fields fields, String key, Pattern form, String want) {
    return fields.distinct(key, want, Fields.matching(form.asMatchPredicate())).orElse(List.of());
  }

  static List<Host> hosts(Fields fields, String key) {
    Optional<List<Host>> hosts =
        fields.distinct(key, "a DNS name or an IP address without a scheme or port", Host::parse);
    if (hosts.isEmpty()) {
      fields.missing(key, "a list of DNS names or IP addresses");
    } else if (fields.isEmptyList(key)) {
      fields.wrong(key, "no element", "at least one DNS name or IP address");
    }
    return hosts.orElse(List.of());
  }

  static List<IpRange> cidrs(Fields fields, String key, String byDefault) {
    if (!fields.has(key)) {
      return List.of(IpRange.parseStrict(byDefault).orElseThrow());
    }
    if (fields.isEmptyList(key)) {
      fields.wrong(key, "no element", "a range such as " + byDefault + ", or one of each family");
    }
    return fields.oneOrMore(key, text -> cidr(text, byDefault));
  }

  private static ParseResult<IpRange> cidr(String text, String byDefault) {
    return parsed(
        IpRange.parseStrict(text),
        "a range such as " + byDefault + ", no bit set behind the prefix",
        SpecRules.networkOf(text).map(range -> "did you mean \"" + range + "\"?"));
  }

  /** Returns the value; or else what was wanted, and what to do about it. */
  static <T> ParseResult<T> parsed(Optional<T> value, String want, Optional<String> next) {
    return value
        .map(ParseResult::parsed)
        .orElseGet(
            () -> ParseResult.refused(new ParseError("", OptionalInt.empty(), "", want, next)));
  }

  /** Whether a text can be the path of a file. */
  static boolean isFile(String text) {
    return !text.isBlank() && text.indexOf('\0') < 0;
  }

  static boolean isIssuer(String text) {
    try {
      URI uri = new URI(text);
      return "https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  static Duration duration(Fields fields, String key, Duration byDefault) {
    return duration(fields, key).orElse(byDefault);
  }

  static Optional<Duration> duration(Fields fields, String key) {
    return fields.parsed(key, DURATION_WANT, SpecFields::duration);
  }

  /** Reads a duration, or {@code never}, which is none. */
  static Optional<Duration> durationOrNever(Fields fields, String key) {
    return fields
        .parsed(
            key,
            DURATION_WANT,
            text ->
                text.equals("never")
                    ? Optional.of(List.<Duration>of())
                    : duration(text).map(List::of))
        .flatMap(durations -> durations.stream().findFirst());
  }

  private static Optional<Duration> duration(String text) {
    return Durations.parse(text)
        .filter(value -> value.isPositive() && value.compareTo(LONGEST_DURATION) <= 0);
  }

  private SpecFields() {}
}
