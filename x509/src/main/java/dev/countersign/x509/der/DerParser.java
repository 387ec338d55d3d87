package dev.countersign.x509.der;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads tags and lengths (X.690, sections 8.1 and 10.1), which have one encoding each. */
final class DerParser {
  private DerParser() {}

  /** Parses the value that starts there and ends before {@code limit}. */
  static DerValue parseAt(byte[] data, int start, int limit, int depth) throws DerException {
    if (depth > DerValue.MAX_DEPTH) {
      throw DerException.at(start, "nesting deeper than " + DerValue.MAX_DEPTH, "at most that");
    }
    int position = start;
    if (position >= limit) {
      throw DerException.at(position, "the end", "a value");
    }
    int identifier = data[position++] & 0xff;
    int tagClass = identifier >> 6;
    boolean constructed = (identifier & 0x20) != 0;
    int tagNumber = identifier & 0x1f;
    if (tagNumber == 0x1f) {
      tagNumber = 0;
      int octet;
      do {
        if (position >= limit) {
          throw DerException.at(position, "the end", "the rest of a tag");
        }
        octet = data[position++] & 0xff;
        if (tagNumber == 0 && octet == 0x80) {
          throw DerException.at(start, "a tag with leading zeros", "the shortest form");
        }
        if (tagNumber > (Integer.MAX_VALUE >> 7)) {
          throw DerException.at(start, "a tag number above 2^31 - 1", "a smaller one");
        }
        tagNumber = (tagNumber << 7) | (octet & 0x7f);
      } while ((octet & 0x80) != 0);
      if (tagNumber < 0x1f) {
        throw DerException.at(start, "a long tag for number " + tagNumber, "the shortest form");
      }
    }
    if (position >= limit) {
      throw DerException.at(position, "the end", "a length");
    }
    int lengthStart = position;
    int length = data[position++] & 0xff;
    if (length == 0x80) {
      throw DerException.at(lengthStart, "an indefinite length", "a definite one");
    }
    if (length > 0x80) {
      int octets = length & 0x7f;
      if (octets > 4) {
        throw DerException.at(lengthStart, "a length of " + octets + " bytes", "at most 4");
      }
      if (limit - position < octets) {
        throw DerException.at(position, "the end", "the rest of a length");
      }
      long longLength = 0;
      for (int i = 0; i < octets; i++) {
        longLength = (longLength << 8) | (data[position++] & 0xff);
      }
      if (longLength < 0x80 || longLength < (1L << (8 * (octets - 1)))) {
        throw DerException.at(
            lengthStart,
            "length " + longLength + " written in " + octets + " bytes",
            "the shortest form");
      }
      if (longLength > limit - position) {
        throw DerException.at(
            lengthStart, "length " + longLength, "at most the " + (limit - position) + " left");
      }
      length = (int) longLength;
    } else if (length > limit - position) {
      throw DerException.at(
          lengthStart, "length " + length, "at most the " + (limit - position) + " left");
    }
    int contentStart = position;
    int end = contentStart + length;
    List<DerValue> children = List.of();
    if (constructed) {
      children = new ArrayList<>(4);
      while (position < end) {
        DerValue child = parseAt(data, position, end, depth + 1);
        children.add(child);
        position = child.end;
      }
      children = Collections.unmodifiableList(children);
    }
    DerValue value =
        new DerValue(data, start, contentStart, end, tagClass, tagNumber, constructed, children);
    if (tagClass == DerValue.UNIVERSAL) {
      DerRules.check(value);
    }
    return value;
  }
}
