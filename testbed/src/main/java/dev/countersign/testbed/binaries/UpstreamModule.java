package dev.countersign.testbed.binaries;

import dev.countersign.common.kubernetes.KubernetesVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Go module {@code testbed/upstream}, as it travels in this jar: Go sources that fit every
 * supported release, and for each release the {@code go.mod} and {@code go.sum} that pin it.
 *
 * @param kubernetes the release that is built
 */
record UpstreamModule(KubernetesVersion kubernetes) {
  /** Every Go file a build needs; a test holds this list against the directory. */
  static final List<String> SOURCES =
      List.of(
          "fakecri/fakecri.go",
          "main.go",
          "oracle/oracle.go",
          "since_1.34.go",
          "supervise/main.go",
          "until_1.33.go");

  private static final String ROOT = "/dev/countersign/testbed/upstream/";

  /**
   * The build tag by which Go chooses the files of this release, such as {@code kubernetes1.36}.
   */
  String tag() {
    return "kubernetes" + kubernetes.majorMinor();
  }

  /** The first 12 hexadecimal digits of a SHA-256 over every file's name and content. */
  String fingerprint() {
    return fingerprint(files());
  }

  /** The fingerprint of {@code supervise} alone, which depends on no other file. */
  static String superviseFingerprint() {
    return fingerprint(Map.of("supervise/main.go", content("supervise/main.go")));
  }

  /** Writes the module below a directory. */
  void copyTo(Path directory) throws IOException {
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      Path target = directory.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
  }

  private Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String source : SOURCES) {
      files.put(source, content(source));
    }
    for (String pins : List.of("go.mod", "go.sum")) {
      files.put(pins, content("versions/" + kubernetes.majorMinor() + "/" + pins));
    }
    return files;
  }

  private static String fingerprint(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.forEach(
          (name, content) -> {
            digest.update((name + " " + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
          });
      return HexFormat.of().formatHex(digest.digest()).substring(0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] content(String file) {
    try (InputStream in = UpstreamModule.class.getResourceAsStream(ROOT + file)) {
      if (in == null) {
        throw new IllegalStateException(ROOT + file + ": not in this jar; want it packaged");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
