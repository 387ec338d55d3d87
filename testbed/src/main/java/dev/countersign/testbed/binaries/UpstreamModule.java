package dev.countersign.testbed.binaries;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Go module {@code testbed/upstream}, as it travels in this jar. Its {@code go.mod} is the one
 * place that says which Kubernetes and which etcd are meant.
 */
final class UpstreamModule {
  /** Every file a build needs; a test holds this list against the folder. */
  static final List<String> FILES =
      List.of(
          "fakecri/fakecri.go",
          "go.mod",
          "go.sum",
          "main.go",
          "oracle/oracle.go",
          "supervise/main.go");

  private static final String ROOT = "/dev/countersign/testbed/upstream/";

  private UpstreamModule() {}

  /** The Kubernetes release, such as {@code v1.36.3}. */
  static String kubernetesVersion() {
    return required("k8s.io/kubernetes");
  }

  /** The etcd release, such as {@code v3.6.8}. */
  static String etcdVersion() {
    return required("go.etcd.io/etcd/server/v3");
  }

  /** The first 12 hexadecimal digits of a SHA-256 over every file's name and content. */
  static String fingerprint() {
    return fingerprint(FILES);
  }

  /** The fingerprint of {@code supervise} alone, which depends on no other file. */
  static String superviseFingerprint() {
    return fingerprint(List.of("supervise/main.go"));
  }

  /** Writes the module below a folder. */
  static void copyTo(Path folder) throws IOException {
    for (String file : FILES) {
      Path target = folder.resolve(file);
      Files.createDirectories(target.getParent());
      Files.write(target, content(file));
    }
  }

  private static String fingerprint(List<String> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String file : files) {
        byte[] content = content(file);
        digest.update((file + " " + content.length + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(content);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String required(String module) {
    Matcher line =
        Pattern.compile("(?m)^\\s*" + Pattern.quote(module) + " (v\\S+)")
            .matcher(new String(content("go.mod"), StandardCharsets.UTF_8));
    if (!line.find()) {
      throw new IllegalStateException("go.mod: got no line of " + module + "; want one");
    }
    return line.group(1);
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
