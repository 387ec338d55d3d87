package dev.countersign.render.spec;

import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.Suggestion;
import dev.countersign.common.time.Durations;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.FieldReader.Scalar;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  static Optional<String> image(FieldReader fields, Scalar scalar) {
    if (!ContainerImage.isReference(scalar.text())) {
      fields.problem(scalar, ContainerImage.REFERENCE_WANT);
      return Optional.empty();
    }
    return Optional.of(scalar.text());
  }

  static void constant(FieldReader fields, String key, String value) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, value);
    } else if (!scalar.get().text().equals(value)) {
      fields.problem(scalar.get(), value);
    }
  }

  static Optional<String> required(FieldReader fields, String key, Pattern form, String want) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, want);
      return Optional.empty();
    }
    if (!form.matcher(scalar.get().text()).matches()) {
      fields.problem(scalar.get(), want);
      return Optional.empty();
    }
    return scalar.map(Scalar::text);
  }

  static List<String> texts(FieldReader fields, String key, Pattern form, String want) {
    Map<String, String> seen = new LinkedHashMap<>();
    for (Scalar scalar : fields.scalars(key)) {
      if (!form.matcher(scalar.text()).matches()) {
        fields.problem(scalar, want);
      } else if (seen.putIfAbsent(scalar.text(), scalar.path()) != null) {
        fields.problem(
            scalar, "each one once", Optional.of("the first is " + seen.get(scalar.text())));
      }
    }
    return List.copyOf(seen.keySet());
  }

  static List<Host> hosts(FieldReader fields, String key) {
    Map<Host, String> seen = new LinkedHashMap<>();
    List<Scalar> scalars = fields.scalars(key);
    if (scalars.isEmpty() && !fields.has(key)) {
      fields.missing(key, "a list of DNS names or IP addresses");
    } else if (scalars.isEmpty()) {
      fields.problem(key, "no element", "at least one DNS name or IP address");
    }
    for (Scalar scalar : scalars) {
      Optional<Host> host = Host.parse(scalar.text());
      if (host.isEmpty()) {
        fields.problem(scalar, "a DNS name or an IP address without a scheme or port");
      } else if (seen.putIfAbsent(host.get(), scalar.path()) != null) {
        fields.problem(
            scalar, "each server once", Optional.of("the first is " + seen.get(host.get())));
      }
    }
    return List.copyOf(seen.keySet());
  }

  static List<IpRange> cidrs(FieldReader fields, String key, String byDefault) {
    List<IpRange> result = new ArrayList<>();
    List<Scalar> scalars = fields.scalarOrScalars(key);
    if (scalars.isEmpty() && !fields.has(key)) {
      return List.of(IpRange.parseStrict(byDefault).orElseThrow());
    }
    if (scalars.isEmpty()) {
      fields.problem(key, "no element", "a range such as " + byDefault + ", or one of each family");
    }
    for (Scalar scalar : scalars) {
      Optional<IpRange> parsed = IpRange.parseStrict(scalar.text());
      if (parsed.isPresent()) {
        result.add(parsed.get());
      } else {
        fields.problem(
            scalar,
            "a range such as " + byDefault + ", no bit set behind the prefix",
            SpecRules.networkOf(scalar.text()).map(range -> "did you mean " + range + "?"));
      }
    }
    return result;
  }

  static boolean issuer(FieldReader fields, Scalar scalar) {
    try {
      URI uri = new URI(scalar.text());
      if ("https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null) {
        return true;
      }
    } catch (URISyntaxException e) {
      // Reported below, like every other text that is no issuer.
    }
    fields.problem(scalar, "an https URL without query and fragment");
    return false;
  }

  static int number(FieldReader fields, String key, int byDefault, int least, int most) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return byDefault;
    }
    String text = scalar.get().text();
    if (text.matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    }
    fields.problem(scalar.get(), "a number from " + least + " to " + most);
    return byDefault;
  }

  static boolean flag(FieldReader fields, String key, boolean byDefault) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return byDefault;
    }
    // YAML 1.1's yes, no, on and off mean something else to YAML 1.2 readers: neither is taken.
    if (scalar.get().quoted()
        || (!scalar.get().text().equals("true") && !scalar.get().text().equals("false"))) {
      fields.problem(scalar.get(), "true or false");
      return byDefault;
    }
    return scalar.get().text().equals("true");
  }

  static Duration duration(FieldReader fields, String key, Duration byDefault) {
    return fields.scalar(key).flatMap(scalar -> duration(fields, scalar)).orElse(byDefault);
  }

  static Optional<Duration> duration(FieldReader fields, Scalar scalar) {
    Optional<Duration> parsed =
        Durations.parse(scalar.text())
            .filter(value -> value.isPositive() && value.compareTo(LONGEST_DURATION) <= 0);
    if (parsed.isEmpty()) {
      fields.problem(scalar, "a duration above zero such as 8760h, 30d or 1h30m");
    }
    return parsed;
  }

  static <T> Optional<T> requiredChoice(FieldReader fields, String key, Map<String, T> choices) {
    if (fields.scalar(key).isEmpty()) {
      fields.missing(key, "one of " + String.join(", ", choices.keySet()));
      return Optional.empty();
    }
    return chosen(fields, key, choices);
  }

  static <T> T choice(
      FieldReader fields, String key, T byDefault, Map<String, ? extends T> choices) {
    Optional<? extends T> chosen = chosen(fields, key, choices);
    return chosen.isPresent() ? chosen.get() : byDefault;
  }

  private static <T> Optional<T> chosen(
      FieldReader fields, String key, Map<String, ? extends T> choices) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    T value = choices.get(scalar.get().text());
    if (value == null) {
      List<String> sorted = choices.keySet().stream().sorted().toList();
      fields.problem(
          scalar.get(),
          "one of " + String.join(", ", sorted),
          Suggestion.nearest(scalar.get().text(), sorted)
              .map(near -> "did you mean " + near + "?"));
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private SpecFields() {}
}
