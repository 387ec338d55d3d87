package dev.countersign.image.publish;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of {@code WWW-Authenticate} headers (RFC 9110, section 11.6.1), of which a header
 * may have several. Scheme and names are in lower case.
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  /** A parameter, or the scheme of the next challenge, or a token68 of a scheme we do not speak. */
  private static final Pattern PART =
      Pattern.compile(
          "\\G[\\s,]*(?:(?<name>"
              + TOKEN
              + ")\\s*=\\s*(?:\"(?<quoted>(?:[^\"\\\\]|\\\\.)*)\"|(?<plain>"
              + TOKEN
              + "))(?=\\s*(?:,|$))|(?<word>[^\\s,=\"]+=*))");

  Challenge {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** Reads the headers' values; what is not understood ends the header it is in. */
  static List<Challenge> parse(List<String> headers) {
    var all = new ArrayList<Challenge>();
    for (String header : headers) {
      String scheme = "";
      Map<String, String> parameters = new LinkedHashMap<>();
      Matcher matcher = PART.matcher(header);
      while (matcher.find()) {
        if (matcher.group("word") != null) {
          if (!scheme.isEmpty()) {
            all.add(new Challenge(scheme, parameters));
          }
          scheme = matcher.group("word").toLowerCase(Locale.ROOT);
          parameters = new LinkedHashMap<>();
        } else {
          String quoted = matcher.group("quoted");
          parameters.putIfAbsent(
              matcher.group("name").toLowerCase(Locale.ROOT),
              quoted == null ? matcher.group("plain") : quoted.replaceAll("\\\\(.)", "$1"));
        }
      }
      if (!scheme.isEmpty()) {
        all.add(new Challenge(scheme, parameters));
      }
    }
    return all;
  }

  /** A parameter's value; empty where it is absent. */
  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
