package dev.countersign.x509.der;

import dev.countersign.common.Bytes;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Encodes values in DER; each method returns one value with its tag and length. */
public final class DerWriter {
  private DerWriter() {}

  /** Any value of a given identifier octet. */
  public static byte[] tagged(int identifier, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
    out.write(identifier);
    if (length < 0x80) {
      out.write(length);
    } else {
      int octets = (39 - Integer.numberOfLeadingZeros(length)) / 8;
      out.write(0x80 | octets);
      for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        out.write(length >> shift);
      }
    }
    for (byte[] content : contents) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  /** SEQUENCE. */
  public static byte[] sequence(byte[]... elements) {
    return tagged(0x30, elements);
  }

  /** SEQUENCE. */
  public static byte[] sequence(List<byte[]> elements) {
    return tagged(0x30, elements.toArray(byte[][]::new));
  }

  /** SET OF: the elements are sorted as DER wants them. */
  public static byte[] setOf(List<byte[]> elements) {
    return tagged(
        0x31, elements.stream().sorted(Comparator.comparing(Bytes::copyOf)).toArray(byte[][]::new));
  }

  /** A constructed value of a context tag. */
  public static byte[] explicit(int tagNumber, byte[]... contents) {
    return tagged(0xa0 | tagNumber, contents);
  }

  /** A primitive value of a context tag. */
  public static byte[] implicit(int tagNumber, byte[] content) {
    return tagged(0x80 | tagNumber, content);
  }

  /** INTEGER. */
  public static byte[] integer(BigInteger value) {
    return tagged(DerTag.INTEGER, value.toByteArray());
  }

  /** INTEGER. */
  public static byte[] integer(long value) {
    return integer(BigInteger.valueOf(value));
  }

  /** BOOLEAN TRUE; FALSE is nearly always a default, which DER leaves out. */
  public static byte[] booleanTrue() {
    return tagged(DerTag.BOOLEAN, new byte[] {(byte) 0xff});
  }

  /** NULL. */
  public static byte[] nullValue() {
    return tagged(DerTag.NULL);
  }

  /** OCTET STRING. */
  public static byte[] octetString(byte[] content) {
    return tagged(DerTag.OCTET_STRING, content);
  }

  /** BIT STRING of whole bytes. */
  public static byte[] bitString(byte[] content) {
    return tagged(DerTag.BIT_STRING, new byte[] {0}, content);
  }

  /** BIT STRING of named bits, trailing zeros left out; bit 0 is the highest of the first byte. */
  public static byte[] namedBits(int... bits) {
    int highest = Arrays.stream(bits).max().orElse(-1);
    byte[] content = new byte[1 + (highest + 8) / 8];
    content[0] = (byte) (highest < 0 ? 0 : 7 - highest % 8);
    for (int bit : bits) {
      content[1 + bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return tagged(DerTag.BIT_STRING, content);
  }

  /** OBJECT IDENTIFIER from its dotted form. */
  public static byte[] oid(String dotted) {
    long[] arcs = Arrays.stream(dotted.split("\\.", -1)).mapToLong(Long::parseLong).toArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeArc(out, 40 * arcs[0] + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      writeArc(out, arcs[i]);
    }
    return tagged(DerTag.OBJECT_IDENTIFIER, out.toByteArray());
  }

  private static void writeArc(ByteArrayOutputStream out, long arc) {
    int groups = Math.max(1, (70 - Long.numberOfLeadingZeros(arc)) / 7);
    for (int i = groups - 1; i >= 0; i--) {
      out.write((int) ((arc >> (7 * i)) & 0x7f) | (i > 0 ? 0x80 : 0));
    }
  }

  /** UTF8String. */
  public static byte[] utf8(String text) {
    return tagged(DerTag.UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** PrintableString where its alphabet allows, else UTF8String. */
  public static byte[] directoryString(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean printable =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || " '()+,-./:=?".indexOf(c) >= 0;
      if (!printable) {
        return utf8(text);
      }
    }
    return tagged(DerTag.PRINTABLE_STRING, text.getBytes(StandardCharsets.US_ASCII));
  }
}
