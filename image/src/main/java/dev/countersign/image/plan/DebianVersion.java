package dev.countersign.image.plan;

import dev.countersign.image.ImageException;
import java.util.Objects;

/**
 * A Debian package version, ordered as dpkg orders it (Debian Policy 5.6.12, deb-version(7)):
 * epoch, then upstream version, then revision; {@code ~} sorts before everything, even the end.
 */
public final class DebianVersion implements Comparable<DebianVersion> {
  private final String text;
  private final long epoch;
  private final String upstream;
  private final String revision;

  private DebianVersion(String text, long epoch, String upstream, String revision) {
    this.text = text;
    this.epoch = epoch;
    this.upstream = upstream;
    this.revision = revision;
  }

  /**
   * Reads a version as it stands in a package.
   *
   * @throws ImageException where it is empty or has characters that no version has
   */
  public static DebianVersion parse(String text) {
    Objects.requireNonNull(text, "text");
    int colon = text.indexOf(':');
    long epoch = 0;
    String rest = text;
    if (colon >= 0) {
      String digits = text.substring(0, colon);
      if (digits.isEmpty()
          || digits.length() > 10
          || !digits.chars().allMatch(DebianVersion::isDigit)) {
        throw new ImageException("version", text, "an epoch of digits before the colon");
      }
      epoch = Long.parseLong(digits);
      rest = text.substring(colon + 1);
    }
    int hyphen = rest.lastIndexOf('-');
    String upstream = hyphen < 0 ? rest : rest.substring(0, hyphen);
    String revision = hyphen < 0 ? "" : rest.substring(hyphen + 1);
    if (upstream.isEmpty() || !rest.chars().allMatch(DebianVersion::isAllowed)) {
      throw new ImageException("version", text, "letters, digits and . + - ~ : after the epoch");
    }
    return new DebianVersion(text, epoch, upstream, revision);
  }

  @Override
  public int compareTo(DebianVersion other) {
    int byEpoch = Long.compare(epoch, other.epoch);
    if (byEpoch != 0) {
      return byEpoch;
    }
    int byUpstream = compareParts(upstream, other.upstream);
    return byUpstream != 0 ? byUpstream : compareParts(revision, other.revision);
  }

  /** Alternating runs of non-digits, by {@link #rank}, and digits, by value. */
  private static int compareParts(String left, String right) {
    int i = 0;
    int j = 0;
    while (i < left.length() || j < right.length()) {
      while ((i < left.length() && !isDigit(left.charAt(i)))
          || (j < right.length() && !isDigit(right.charAt(j)))) {
        int byRank = Integer.compare(rank(left, i), rank(right, j));
        if (byRank != 0) {
          return byRank;
        }
        i++;
        j++;
      }
      while (i < left.length() && left.charAt(i) == '0') {
        i++;
      }
      while (j < right.length() && right.charAt(j) == '0') {
        j++;
      }
      int firstDifference = 0;
      while (i < left.length()
          && j < right.length()
          && isDigit(left.charAt(i))
          && isDigit(right.charAt(j))) {
        if (firstDifference == 0) {
          firstDifference = Character.compare(left.charAt(i), right.charAt(j));
        }
        i++;
        j++;
      }
      if (i < left.length() && isDigit(left.charAt(i))) {
        return 1;
      }
      if (j < right.length() && isDigit(right.charAt(j))) {
        return -1;
      }
      if (firstDifference != 0) {
        return firstDifference;
      }
    }
    return 0;
  }

  /** Before all: tilde; then the end and digits; then letters; then everything else. */
  private static int rank(String text, int at) {
    if (at >= text.length() || isDigit(text.charAt(at))) {
      return 0;
    }
    char c = text.charAt(at);
    if (c == '~') {
      return -1;
    }
    return isLetter(c) ? c : c + 256;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isAllowed(int c) {
    return isDigit(c) || isLetter(c) || ".+-~:".indexOf(c) >= 0;
  }

  /** Two versions are equal when dpkg says {@code eq}: {@code 1.0} and {@code 1.00} are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof DebianVersion version && compareTo(version) == 0;
  }

  @Override
  public int hashCode() {
    // Equal versions differ in nothing but zeros, so zeros must not count.
    return (upstream + "-" + revision).replace("0", "").hashCode() ^ Long.hashCode(epoch);
  }

  @Override
  public String toString() {
    return text;
  }
}
