package dev.countersign.image.plan;

import dev.countersign.image.ImageException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** The digest some content must have, e.g. {@code sha256:9f86…}. */
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  /** Digest functions we trust to name content. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String word;
    private final String provider;
    private final int digits;

    Algorithm(String word, String provider, int digits) {
      this.word = word;
      this.provider = provider;
      this.digits = digits;
    }

    public String word() {
      return word;
    }

    /** A digest in its initial state. */
    public MessageDigest start() {
      try {
        return MessageDigest.getInstance(provider);
      } catch (NoSuchAlgorithmException missing) {
        throw new IllegalStateException(provider + " must be part of every Java runtime", missing);
      }
    }
  }

  public Digest {
    Objects.requireNonNull(algorithm, "algorithm");
    if (hex.length() != algorithm.digits || !HEX.matcher(hex).matches()) {
      throw new ImageException(
          algorithm.word, hex, algorithm.digits + " lower-case hexadecimal digits");
    }
  }

  /** Reads {@code algorithm:hex}; nothing where it is not such a text. */
  public static Optional<Digest> parse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      String prefix = algorithm.word + ":";
      if (text.startsWith(prefix)) {
        String hex = text.substring(prefix.length());
        return hex.length() == algorithm.digits && HEX.matcher(hex).matches()
            ? Optional.of(new Digest(algorithm, hex))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  public static Digest sha256(String hex) {
    return new Digest(Algorithm.SHA256, hex);
  }

  /** The SHA-256 of some bytes. */
  public static Digest ofSha256(byte[] content) {
    return finish(Algorithm.SHA256, digestOf(Algorithm.SHA256, content));
  }

  /** The checksum that a digest arrived at; resets the digest. */
  public static Digest finish(Algorithm algorithm, MessageDigest digest) {
    return new Digest(algorithm, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest digestOf(Algorithm algorithm, byte[] content) {
    MessageDigest digest = algorithm.start();
    digest.update(content);
    return digest;
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm.word + ":" + hex;
  }
}
