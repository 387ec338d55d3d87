package dev.countersign.x509.der;

import dev.countersign.common.Bytes;
import java.math.BigInteger;
import java.util.List;

/**
 * One value of DER with all that it contains, checked in full when it was parsed.
 *
 * <p>Immutable. Universal types are held to X.690's rules for DER at every depth; values of context
 * tags are opaque where they are primitive, since only their schema knows their type.
 *
 * <p>{@link DerParser} reads the bytes, {@link DerRules} checks what a universal type may contain,
 * {@link DerStrings} decodes text. The constructor has one argument for each part of an encoding.
 */
public final class DerValue {
  /** Deeper nesting is refused; a certificate needs about ten. */
  public static final int MAX_DEPTH = 24;

  /** The class of types that every schema shares. */
  public static final int UNIVERSAL = 0;

  /** The class of types that the surrounding type defines. */
  public static final int CONTEXT = 2;

  // Seen by the parser and the rules of this package, which must not copy a value to look at it.
  final byte[] data;
  final int start;
  final int contentStart;
  final int end;
  private final int tagClass;
  private final int tagNumber;
  private final boolean constructed;
  private final List<DerValue> children;

  DerValue(
      byte[] data,
      int start,
      int contentStart,
      int end,
      int tagClass,
      int tagNumber,
      boolean constructed,
      List<DerValue> children) {
    this.data = data;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
    this.tagClass = tagClass;
    this.tagNumber = tagNumber;
    this.constructed = constructed;
    this.children = children;
  }

  /**
   * Parses exactly one value and nothing after it.
   *
   * @throws DerException where the input is not DER, at the first byte that is not
   */
  public static DerValue parse(Bytes input) throws DerException {
    byte[] data = input.toByteArray();
    DerValue value = DerParser.parseAt(data, 0, data.length, 1);
    if (value.end != data.length) {
      throw new DerException(
          "byte " + value.end, (data.length - value.end) + " bytes after the value", "nothing");
    }
    return value;
  }

  /**
   * Parses exactly one value and nothing after it.
   *
   * @param path where the input stands, put before the position in the error
   */
  public static DerValue parse(String path, Bytes input) throws DerException {
    try {
      return parse(input);
    } catch (DerException e) {
      throw new DerException(path + " " + e.path(), e.got(), e.want());
    }
  }

  /** The class of its tag: 0 universal, 1 application, 2 context, 3 private. */
  public int tagClass() {
    return tagClass;
  }

  /** The number of its tag within the class. */
  public int tagNumber() {
    return tagNumber;
  }

  /** Whether it is made of other values. */
  public boolean isConstructed() {
    return constructed;
  }

  /** Whether it is of a universal type; see {@link DerTag}. */
  public boolean is(int universalTagNumber) {
    return tagClass == UNIVERSAL && tagNumber == universalTagNumber;
  }

  /** Whether it bears a context tag of this number. */
  public boolean isContext(int number) {
    return tagClass == CONTEXT && tagNumber == number;
  }

  /** The values it is made of, in order; none where it is primitive. */
  public List<DerValue> children() {
    return children;
  }

  /** Number of bytes of its content. */
  public int length() {
    return end - contentStart;
  }

  /** Its content without tag and length. */
  public Bytes content() {
    return Bytes.copyOfRange(data, contentStart, end);
  }

  /** All of it, tag and length included. */
  public Bytes encoded() {
    return Bytes.copyOfRange(data, start, end);
  }

  /** Its kind in words, such as {@code SEQUENCE} or {@code [0]}. */
  public String kind() {
    return switch (tagClass) {
      case UNIVERSAL -> DerTag.name(tagNumber);
      case CONTEXT -> "[" + tagNumber + "]";
      case 1 -> "[APPLICATION " + tagNumber + "]";
      default -> "[PRIVATE " + tagNumber + "]";
    };
  }

  /**
   * Its children where it is of a universal type with a number of children between two bounds.
   *
   * @param path where it is, for the error
   */
  public List<DerValue> childrenOf(String path, int universalTagNumber, int atLeast, int atMost)
      throws DerException {
    if (!is(universalTagNumber)) {
      throw new DerException(path, kind(), DerTag.name(universalTagNumber));
    }
    if (children.size() < atLeast || children.size() > atMost) {
      throw new DerException(
          path,
          children.size() + " elements",
          atLeast == atMost
              ? "exactly " + atLeast
              : atMost == Integer.MAX_VALUE ? "at least " + atLeast : atLeast + " to " + atMost);
    }
    return children;
  }

  /** Its content where it is of a universal type. */
  public Bytes contentOf(String path, int universalTagNumber) throws DerException {
    if (!is(universalTagNumber)) {
      throw new DerException(path, kind(), DerTag.name(universalTagNumber));
    }
    return content();
  }

  /** The value of an INTEGER. */
  public BigInteger integer(String path) throws DerException {
    if (!is(DerTag.INTEGER)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.INTEGER));
    }
    return new BigInteger(data, contentStart, length());
  }

  /** The value of a BOOLEAN. */
  public boolean bool(String path) throws DerException {
    return contentOf(path, DerTag.BOOLEAN).at(0) != 0;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  public String oid(String path) throws DerException {
    if (!is(DerTag.OBJECT_IDENTIFIER)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.OBJECT_IDENTIFIER));
    }
    StringBuilder dotted = new StringBuilder(24);
    long arc = 0;
    boolean first = true;
    for (int i = contentStart; i < end; i++) {
      arc = (arc << 7) | (data[i] & 0x7f);
      if ((data[i] & 0x80) == 0) {
        if (first) {
          long top = Math.min(arc / 40, 2);
          dotted.append(top).append('.').append(arc - 40 * top);
          first = false;
        } else {
          dotted.append('.').append(arc);
        }
        arc = 0;
      }
    }
    return dotted.toString();
  }

  /** The bytes of a BIT STRING whose number of bits is a multiple of eight. */
  public Bytes octetsOfBitString(String path) throws DerException {
    if (!is(DerTag.BIT_STRING)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.BIT_STRING));
    }
    if (data[contentStart] != 0) {
      throw new DerException(path, data[contentStart] + " unused bits", "whole bytes");
    }
    return Bytes.copyOfRange(data, contentStart + 1, end);
  }

  /** The text of a value of one of the universal string types. */
  public String text(String path) throws DerException {
    String text = tagClass == UNIVERSAL ? DerStrings.text(this) : null;
    if (text == null) {
      throw new DerException(path, kind(), "a string");
    }
    return text;
  }
}
