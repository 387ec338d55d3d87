package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;

/**
 * What a jar says of itself: its Maven coordinates and its licence.
 *
 * @param licence an SPDX identifier, where it names one that is known
 */
record JavaLibrary(String group, String artifact, String version, Optional<String> licence) {
  private static final Pattern FILE_NAME =
      Pattern.compile("(.+?)-([0-9][0-9A-Za-z.]*(?:-[0-9]+|-jre)?)(?:-linux-[a-z0-9_]+)?\\.jar");
  private static final Pattern LICENCES = Pattern.compile("(?s)<licenses>.*?</licenses>");

  /** Groups of libraries whose jars do not tell them, as they are not built by Maven. */
  private static final Map<String, String> GROUPS =
      Map.ofEntries(
          Map.entry("AmazonCorrettoCryptoProvider", "software.amazon.cryptools"),
          Map.entry("bcpg-jdk18on", "org.bouncycastle"),
          Map.entry("bcpkix-jdk18on", "org.bouncycastle"),
          Map.entry("bcprov-jdk18on", "org.bouncycastle"),
          Map.entry("bcutil-jdk18on", "org.bouncycastle"),
          Map.entry("cel", "dev.cel"),
          Map.entry("common", "dev.cel"),
          Map.entry("compiler", "dev.cel"),
          Map.entry("jspecify", "org.jspecify"),
          Map.entry("nimbus-jose-jwt", "com.nimbusds"),
          Map.entry("picocli", "info.picocli"),
          Map.entry("protobuf", "dev.cel"),
          Map.entry("protobuf-java", "com.google.protobuf"),
          Map.entry("protobuf-javalite", "com.google.protobuf"),
          Map.entry("re2j", "com.google.re2j"),
          Map.entry("runtime", "dev.cel"),
          Map.entry("v1alpha1", "dev.cel"),
          Map.entry("xz", "org.tukaani"),
          Map.entry("zstd-jni", "com.github.luben"));

  /** What in a licence's name or address stands for an SPDX identifier; the first that fits. */
  private static final List<Map.Entry<Pattern, String>> KNOWN =
      List.of(
          known(
              "apache\\.org/licenses/LICENSE-2|Apache-2\\.0|Apache License,? (Version )?2",
              "Apache-2.0"),
          known("BSD-3-Clause|BSD 3-Clause|The 3-Clause BSD", "BSD-3-Clause"),
          known("BSD-2-Clause|BSD 2-Clause", "BSD-2-Clause"),
          known("\\b0BSD\\b", "0BSD"),
          known("\\bMIT-0\\b|MIT No Attribution", "MIT-0"),
          known("licenses/MIT\\b|\\bMIT\\b", "MIT"),
          known("bouncycastle\\.org/licen[cs]e", "MIT"));

  private static Map.Entry<Pattern, String> known(String pattern, String identifier) {
    return Map.entry(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), identifier);
  }

  /** Reads a file; nothing where it is no jar, or one that does not tell what it is. */
  static Optional<JavaLibrary> read(String name, Path file) throws IOException {
    if (!name.endsWith(".jar")) {
      return Optional.empty();
    }
    try (var jar = new JarFile(file.toFile())) {
      List<ZipEntry> coordinates = entries(jar, "META-INF/maven/.+/pom\\.properties");
      Optional<String> licence = licence(jar);
      // A jar that has others inside tells of several.
      if (coordinates.size() == 1) {
        var properties = new Properties();
        properties.load(new StringReader(text(jar, coordinates.getFirst())));
        return Optional.of(
            new JavaLibrary(
                properties.getProperty("groupId", ""),
                properties.getProperty("artifactId", ""),
                properties.getProperty("version", ""),
                licence));
      }
      Matcher matcher = FILE_NAME.matcher(name.substring(name.lastIndexOf('/') + 1));
      return matcher.matches() && GROUPS.containsKey(matcher.group(1))
          ? Optional.of(
              new JavaLibrary(
                  String.valueOf(GROUPS.get(matcher.group(1))),
                  matcher.group(1),
                  matcher.group(2),
                  licence))
          : Optional.empty();
    }
  }

  private static Optional<String> licence(JarFile jar) throws IOException {
    var said = new StringBuilder();
    for (ZipEntry each : entries(jar, "META-INF/maven/.+/pom\\.xml")) {
      Matcher matcher = LICENCES.matcher(text(jar, each));
      if (matcher.find()) {
        said.append(matcher.group());
      }
    }
    if (said.isEmpty() && jar.getManifest() != null) {
      Attributes main = jar.getManifest().getMainAttributes();
      said.append(main.getValue("Bundle-License"));
    }
    return KNOWN.stream()
        .filter(each -> each.getKey().matcher(said).find())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static List<ZipEntry> entries(JarFile jar, String pattern) {
    var found = new ArrayList<ZipEntry>();
    jar.stream().filter(each -> each.getName().matches(pattern)).forEach(found::add);
    return found;
  }

  private static String text(JarFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  String purl() {
    return Purl.maven(group, artifact, version);
  }
}
