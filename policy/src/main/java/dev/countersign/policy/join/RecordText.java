package dev.countersign.policy.join;

import dev.countersign.common.text.SafeText;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reading the fields of records that are kept as the data of a ConfigMap. */
final class RecordText {
  /** A node name: a DNS subdomain, RFC 1123. */
  static final Pattern NODE_NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final Pattern HEX_SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern UID = Pattern.compile("[0-9A-Za-z._-]{1,128}");

  private RecordText() {}

  static String required(Map<String, String> data, String key) {
    String value = data.get(key);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("data." + key + ": got nothing; want a value");
    }
    return value.strip();
  }

  static Optional<Instant> instant(Map<String, String> data, String key) {
    String value = data.get(key);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(instant("data." + key, value.strip()));
  }

  static Instant instant(String path, String value) {
    try {
      return Instant.parse(value);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          path + ": got " + SafeText.quote(value) + "; want a time such as 2026-01-31T00:00:00Z",
          e);
    }
  }

  static String nodeName(String path, String value) {
    if (value.length() > 253 || !NODE_NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          path + ": got " + SafeText.quote(value) + "; want the name of a Node (RFC 1123)");
    }
    return value;
  }

  static String sha256(String path, String value) {
    if (!HEX_SHA256.matcher(value).matches()) {
      throw new IllegalArgumentException(
          path + ": got " + SafeText.quote(value) + "; want 64 hexadecimal digits");
    }
    return value;
  }

  static String uid(String path, String value) {
    if (!UID.matcher(value).matches()) {
      throw new IllegalArgumentException(
          path + ": got " + SafeText.quote(value) + "; want the uid of an object");
    }
    return value;
  }
}
