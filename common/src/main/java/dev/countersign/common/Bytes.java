package dev.countersign.common;

import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable string of bytes, equal by content.
 *
 * <p>Safe for use by several threads. Not for secrets: see {@link
 * dev.countersign.common.secret.SecretText}.
 */
public final class Bytes implements Comparable<Bytes> {
  private static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  /** A string of no bytes. */
  public static Bytes empty() {
    return EMPTY;
  }

  /** Copies the array. */
  public static Bytes copyOf(byte[] content) {
    return content.length == 0 ? EMPTY : new Bytes(content.clone());
  }

  /** Copies the bytes from {@code from} inclusive to {@code to} exclusive. */
  public static Bytes copyOfRange(byte[] content, int from, int to) {
    return new Bytes(Arrays.copyOfRange(content, from, to));
  }

  /** The UTF-8 encoding of a text. */
  public static Bytes ofUtf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads pairs of hexadecimal digits without separators.
   *
   * @throws IllegalArgumentException where the text is something else
   */
  public static Bytes fromHex(String hex) {
    return new Bytes(HexFormat.of().parseHex(hex));
  }

  /** Number of bytes. */
  public int size() {
    return content.length;
  }

  /** Whether there are no bytes. */
  public boolean isEmpty() {
    return content.length == 0;
  }

  /** The byte at an index, from 0 to 255. */
  public int at(int index) {
    return content[index] & 0xff;
  }

  /** The bytes from {@code from} inclusive to {@code to} exclusive. */
  public Bytes slice(int from, int to) {
    if (from < 0 || to > content.length || from > to) {
      throw new IndexOutOfBoundsException("[" + from + ", " + to + ") of " + content.length);
    }
    return from == 0 && to == content.length ? this : copyOfRange(content, from, to);
  }

  /** The text that the bytes encode; what is no character becomes the charset's replacement. */
  public String text(Charset charset) {
    return new String(content, charset);
  }

  /**
   * The number that the bytes from {@code from} inclusive to {@code to} exclusive are, unsigned.
   */
  public BigInteger unsigned(int from, int to) {
    return new BigInteger(1, content, from, to - from);
  }

  /** Returns the SHA-256 of the bytes (FIPS 180-4). */
  public Bytes sha256() {
    try {
      return new Bytes(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A copy. */
  public byte[] toByteArray() {
    return content.clone();
  }

  /** Lower-case hexadecimal digits without separators. */
  public String toHex() {
    return HexFormat.of().formatHex(content);
  }

  /** Orders as unsigned bytes, a prefix before what it is a prefix of. */
  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(content, other.content);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  /** The first 32 bytes in hexadecimal and the size, for people. */
  @Override
  public String toString() {
    return content.length <= 32
        ? toHex()
        : HexFormat.of().formatHex(content, 0, 32) + "… (" + content.length + " bytes)";
  }
}
