package dev.countersign.image.debian;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A package's copyright file in the machine-readable form (DEP-5, copyright-format 1.0).
 *
 * @param licences the licences of its files as they are written there, e.g. {@code GPL-2+ or
 *     Artistic}, each once
 * @param texts what the file says about a licence, by its name
 */
public record DebianCopyright(List<String> licences, Map<String, String> texts) {
  private static final Pattern FORMAT =
      Pattern.compile("(?i)\\A\\s*Format(-Specification)?:.*(copyright-format|dep5|DEP-5).*");

  public DebianCopyright {
    licences = List.copyOf(licences);
    texts = java.util.Collections.unmodifiableMap(new TreeMap<>(texts));
  }

  /** Reads a copyright file; nothing where it is in another form. */
  public static Optional<DebianCopyright> parse(String text) {
    if (!FORMAT.matcher(text.lines().findFirst().orElse("")).matches()) {
      return Optional.empty();
    }
    var licences = new LinkedHashSet<String>();
    var texts = new TreeMap<String, String>();
    for (String paragraph : text.split("\\R(?:[ \\t]*\\R)+", -1)) {
      String name = "";
      var body = new ArrayList<String>();
      boolean files = false;
      boolean inLicence = false;
      for (String line : paragraph.lines().toList()) {
        if (line.startsWith("#")) {
          continue;
        }
        if (line.startsWith(" ") || line.startsWith("\t")) {
          if (inLicence) {
            body.add(line.strip().equals(".") ? "" : line.substring(1));
          }
          continue;
        }
        inLicence = line.regionMatches(true, 0, "License:", 0, 8);
        files |= line.regionMatches(true, 0, "Files:", 0, 6);
        if (inLicence) {
          name = line.substring(8).strip();
        }
      }
      if (!name.isEmpty() && files) {
        licences.add(name);
      }
      if (!name.isEmpty() && !body.isEmpty()) {
        texts.putIfAbsent(name, String.join("\n", body));
      }
    }
    return licences.isEmpty()
        ? Optional.empty()
        : Optional.of(new DebianCopyright(List.copyOf(licences), texts));
  }
}
