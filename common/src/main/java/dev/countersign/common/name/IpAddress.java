package dev.countersign.common.name;

import dev.countersign.common.Bytes;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An IP address as its bits. An IPv4-mapped IPv6 address is a different value from the IPv4 address
 * inside it; see {@link #embeddedIpv4()}.
 *
 * @param high the upper 64 bits; 0 for IPv4
 * @param low the lower 64 bits; for IPv4 the address in its lower 32
 * @param version4 whether it is an IPv4 address
 */
public record IpAddress(long high, long low, boolean version4)
    implements NameOrAddress, Comparable<IpAddress> {
  private static final long NAT64 = 0x0064_ff9b_0000_0000L;

  public IpAddress {
    if (version4 && (high != 0 || low >>> 32 != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits");
    }
  }

  /** The address in network byte order, or nothing where there are not 4 or 16 bytes. */
  public static Optional<IpAddress> of(Bytes bytes) {
    return switch (bytes.size()) {
      case 4 -> Optional.of(new IpAddress(0, number(bytes, 0, 4), true));
      case 16 -> Optional.of(new IpAddress(number(bytes, 0, 8), number(bytes, 8, 16), false));
      default -> Optional.empty();
    };
  }

  /**
   * Reads the text form that Kubernetes accepts for Node addresses: dotted decimal (leading zeros
   * are taken as decimal, as in {@code k8s.io/utils/net.ParseIPSloppy}) or RFC 4291 text without a
   * zone. An IPv4-mapped text such as {@code ::ffff:10.0.0.1} is IPv4, as it is in Go.
   */
  public static Optional<IpAddress> parse(String text) {
    return text.indexOf(':') < 0 ? parse4(text) : parse6(text);
  }

  /**
   * Reads the text form of one address alone: dotted decimal without leading zeros, or groups of
   * hexadecimal digits that are no IPv4-mapped address.
   */
  public static Optional<IpAddress> parseStrict(String text) {
    return parse(text)
        .filter(
            address ->
                address.version4() ? address.toString().equals(text) : text.indexOf('.') < 0);
  }

  /** Which kind of address it is. */
  public IpFamily family() {
    return version4 ? IpFamily.IPV4 : IpFamily.IPV6;
  }

  /** Returns 4 or 16 bytes in network byte order. */
  public Bytes bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(family().bits() / 8);
    return Bytes.copyOf(
        (version4 ? bytes.putInt((int) low) : bytes.putLong(high).putLong(low)).array());
  }

  private static long number(Bytes bytes, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number << 8 | bytes.at(i);
    }
    return number;
  }

  private static Optional<IpAddress> parse4(String text) {
    long bits = parseDotted(text, 0);
    return bits < 0 ? Optional.empty() : Optional.of(new IpAddress(0, bits, true));
  }

  private static long parseDotted(String text, int from) {
    long bits = 0;
    int parts = 0;
    int digits = 0;
    int part = 0;
    for (int i = from; i <= text.length(); i++) {
      char c = i == text.length() ? '.' : text.charAt(i);
      if (c == '.') {
        if (digits == 0 || ++parts > 4) {
          return -1;
        }
        bits = bits << 8 | part;
        part = 0;
        digits = 0;
      } else if (c >= '0' && c <= '9') {
        part = part * 10 + (c - '0');
        digits++;
        if (part > 255 || digits > 3) {
          return -1;
        }
      } else {
        return -1;
      }
    }
    return parts == 4 ? bits : -1;
  }

  private static Optional<IpAddress> parse6(String text) {
    int[] groups = new int[8];
    int count = 0;
    int gap = -1;
    int i = 0;
    int length = text.length();
    if (length >= 2 && text.charAt(0) == ':' && text.charAt(1) == ':') {
      gap = 0;
      i = 2;
    }
    while (i < length) {
      if (count == 8) {
        return Optional.empty();
      }
      int start = i;
      int group = 0;
      while (i < length && Character.digit(text.charAt(i), 16) >= 0 && text.charAt(i) < 128) {
        group = group << 4 | Character.digit(text.charAt(i), 16);
        i++;
        if (i - start > 4) {
          return Optional.empty();
        }
      }
      if (i == start) {
        return Optional.empty();
      }
      if (i < length && text.charAt(i) == '.') {
        long dotted = count > 6 ? -1 : parseDotted(text, start);
        if (dotted < 0) {
          return Optional.empty();
        }
        groups[count++] = (int) (dotted >>> 16);
        groups[count++] = (int) (dotted & 0xffff);
        i = length;
        break;
      }
      groups[count++] = group;
      if (i == length) {
        break;
      }
      if (text.charAt(i) != ':') {
        return Optional.empty();
      }
      i++;
      if (i == length) {
        return Optional.empty();
      }
      if (text.charAt(i) == ':') {
        if (gap >= 0) {
          return Optional.empty();
        }
        gap = count;
        i++;
      }
    }
    if (gap < 0 ? count != 8 : count > 7) {
      return Optional.empty();
    }
    if (gap >= 0) {
      int moved = count - gap;
      for (int k = 1; k <= moved; k++) {
        groups[8 - k] = groups[count - k];
        if (8 - k != count - k) {
          groups[count - k] = 0;
        }
      }
    }
    long high = 0;
    long low = 0;
    for (int k = 0; k < 4; k++) {
      high = high << 16 | groups[k];
      low = low << 16 | groups[k + 4];
    }
    IpAddress address = new IpAddress(high, low, false);
    return Optional.of(address.isMapped() ? new IpAddress(0, low & 0xffffffffL, true) : address);
  }

  private boolean isMapped() {
    return !version4 && high == 0 && low >>> 32 == 0xffff;
  }

  /**
   * The IPv4 address inside an IPv6 address of a form that stands for it: IPv4-mapped ({@code
   * ::ffff:0:0/96}), IPv4-compatible ({@code ::/96} other than {@code ::} and {@code ::1}), and the
   * well-known prefix of NAT64 ({@code 64:ff9b::/96}, RFC 6052).
   */
  public Optional<IpAddress> embeddedIpv4() {
    if (version4) {
      return Optional.empty();
    }
    long upper = low >>> 32;
    long lower = low & 0xffffffffL;
    boolean embeds =
        high == 0 ? upper == 0xffff || (upper == 0 && lower > 1) : high == NAT64 && upper == 0;
    return embeds ? Optional.of(new IpAddress(0, lower, true)) : Optional.empty();
  }

  // By hand: the approver runs without the optimising compiler, which records' own forms need.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress that
        && low == that.low
        && high == that.high
        && version4 == that.version4;
  }

  @Override
  public int hashCode() {
    long mixed = (high * 31 + low) * 0x9e3779b97f4a7c15L;
    return (int) (mixed ^ mixed >>> 32) + (version4 ? 1 : 0);
  }

  /** By version, then numerically. */
  @Override
  public int compareTo(IpAddress other) {
    if (version4 != other.version4) {
      return version4 ? -1 : 1;
    }
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String key() {
    return toString();
  }

  /** Canonical text: dotted decimal, or RFC 5952 for IPv6. */
  @Override
  public String toString() {
    if (version4) {
      return (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }
    int[] groups = new int[8];
    for (int k = 0; k < 4; k++) {
      groups[k] = (int) (high >>> (48 - 16 * k) & 0xffff);
      groups[k + 4] = (int) (low >>> (48 - 16 * k) & 0xffff);
    }
    int gap = -1;
    int gapLength = 1;
    for (int k = 0; k < 8; ) {
      int end = k;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - k > gapLength) {
        gap = k;
        gapLength = end - k;
      }
      k = Math.max(end, k + 1);
    }
    StringBuilder out = new StringBuilder(39);
    for (int k = 0; k < 8; k++) {
      if (k == gap) {
        out.append("::");
        k += gapLength - 1;
        continue;
      }
      if (k > 0 && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(groups[k]));
    }
    return out.toString();
  }
}
