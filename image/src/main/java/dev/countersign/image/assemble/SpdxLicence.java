package dev.countersign.image.assemble;

import dev.countersign.image.debian.DebianCopyright;
import dev.countersign.image.plan.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A package's licences as SPDX has them.
 *
 * @param expressions SPDX licence expressions, all of which hold
 * @param texts what is behind each {@code LicenseRef-…} in them
 */
record SpdxLicence(SortedSet<String> expressions, SortedMap<String, String> texts) {
  private static final Pattern GNU =
      Pattern.compile("(A?GPL|LGPL|GFDL)-([0-9](?:\\.[0-9]+)?)(\\+?)");

  /** Short names of copyright-format 1.0 whose SPDX identifiers differ in more than case. */
  private static final Map<String, String> NAMES =
      Map.of("expat", "MIT", "artistic", "Artistic-1.0-Perl", "cc0", "CC0-1.0");

  /** SPDX identifiers that the short names are, but for case. */
  private static final Map<String, String> SAME =
      identifiers(
          "0BSD Apache-1.1 Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-4-Clause"
              + " BSL-1.0 CC0-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CDDL-1.0 curl"
              + " EPL-1.0 EPL-2.0 FSFAP FSFUL FSFULLR ISC MIT MIT-0 MPL-1.1 MPL-2.0 NCSA OpenSSL"
              + " OFL-1.1 PostgreSQL Python-2.0 Unicode-3.0 Unicode-DFS-2016 Unlicense Vim W3C"
              + " WTFPL X11 Zlib ZPL-2.1");

  SpdxLicence {
    expressions = Collections.unmodifiableSortedSet(new TreeSet<>(expressions));
    texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
  }

  private static Map<String, String> identifiers(String words) {
    var all = new TreeMap<String, String>();
    Arrays.stream(words.split(" ")).forEach(each -> all.put(each.toLowerCase(Locale.ROOT), each));
    return all;
  }

  /**
   * The licences that a package's copyright file names.
   *
   * @param path of the file in the image, which is told where the file is in no form to be read
   */
  static SpdxLicence ofDebian(String path, String copyright) {
    var expressions = new TreeSet<String>();
    var texts = new TreeMap<String, String>();
    Optional<DebianCopyright> parsed = DebianCopyright.parse(copyright);
    if (parsed.isEmpty()) {
      String text = "The licences are told in the image's file " + path + ".";
      expressions.add(reference(path.replaceFirst(".*/doc/", ""), text, texts));
    } else {
      for (String each : parsed.get().licences()) {
        String text =
            parsed
                .get()
                .texts()
                .getOrDefault(
                    each, "See \"License: " + each + "\" in the image's file " + path + ".");
        expressions.add(expression(each).orElseGet(() -> reference(each, text, texts)));
      }
    }
    return new SpdxLicence(expressions, texts);
  }

  private static String reference(String name, String text, Map<String, String> texts) {
    String id =
        "LicenseRef-"
            + name.replaceAll("[^A-Za-z0-9.-]+", "-").replaceAll("^-+|-+$", "")
            + "-"
            + Digest.ofSha256(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 8);
    texts.put(id, text);
    return id;
  }

  /** Terms joined by one kind of word; what mixes them is left to its text. */
  private static Optional<String> expression(String text) {
    for (String word : List.of("or", "and")) {
      String[] parts = text.split("(?i)\\s*,?\\s+" + word + "\\s+", -1);
      var terms = new ArrayList<String>();
      for (String part : parts) {
        term(part).ifPresent(terms::add);
      }
      if (terms.size() == parts.length) {
        return Optional.of(String.join(" " + word.toUpperCase(Locale.ROOT) + " ", terms));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> term(String word) {
    Matcher gnu = GNU.matcher(word);
    if (gnu.matches()) {
      String version = gnu.group(2).contains(".") ? gnu.group(2) : gnu.group(2) + ".0";
      return Optional.of(
          gnu.group(1) + "-" + version + (gnu.group(3).isEmpty() ? "-only" : "-or-later"));
    }
    String lower = word.toLowerCase(Locale.ROOT);
    return Optional.ofNullable(NAMES.getOrDefault(lower, SAME.get(lower)));
  }

  /** All of them as one expression. */
  String expression() {
    return join(expressions);
  }

  /** Several licences that all hold, as one expression. */
  static String join(SortedSet<String> expressions) {
    if (expressions.size() == 1) {
      return expressions.first();
    }
    return String.join(
        " AND ",
        expressions.stream().map(each -> each.contains(" ") ? "(" + each + ")" : each).toList());
  }
}
