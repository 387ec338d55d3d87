package dev.countersign.render.network;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An IP address.
 *
 * @param family which kind
 * @param value the address as an unsigned number of {@code family.bits()} bits
 */
public record IpAddress(Family family, BigInteger value) implements Host, Comparable<IpAddress> {

  public IpAddress {
    Objects.requireNonNull(family, "family");
    Objects.requireNonNull(value, "value");
    if (value.signum() < 0 || value.bitLength() > family.bits()) {
      throw new IllegalArgumentException("value: must fit " + family.bits() + " bits");
    }
  }

  /** Reads four decimal octets without leading zeros, or the text form of IPv6 (RFC 4291, 2.2). */
  public static Optional<IpAddress> parse(String text) {
    return text.indexOf(':') < 0 ? parseFour(text) : parseSix(text);
  }

  private static Optional<IpAddress> parseFour(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    long value = 0;
    for (String part : parts) {
      if (part.isEmpty() || part.length() > 3 || (part.length() > 1 && part.charAt(0) == '0')) {
        return Optional.empty();
      }
      int octet = 0;
      for (int i = 0; i < part.length(); i++) {
        char digit = part.charAt(i);
        if (digit < '0' || digit > '9') {
          return Optional.empty();
        }
        octet = octet * 10 + (digit - '0');
      }
      if (octet > 255) {
        return Optional.empty();
      }
      value = value << 8 | octet;
    }
    return Optional.of(new IpAddress(Family.IPV4, BigInteger.valueOf(value)));
  }

  private static Optional<IpAddress> parseSix(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return Optional.empty();
    }
    Optional<List<Integer>> head = groups(gap < 0 ? text : text.substring(0, gap));
    Optional<List<Integer>> tail =
        gap < 0 ? Optional.of(List.of()) : groups(text.substring(gap + 2));
    if (head.isEmpty() || tail.isEmpty()) {
      return Optional.empty();
    }
    int written = head.get().size() + tail.get().size();
    if (gap < 0 ? written != 8 : written > 7) {
      return Optional.empty();
    }
    List<Integer> all = new ArrayList<>(head.get());
    for (int i = written; i < 8; i++) {
      all.add(0);
    }
    all.addAll(tail.get());
    BigInteger value = BigInteger.ZERO;
    for (int group : all) {
      value = value.shiftLeft(16).or(BigInteger.valueOf(group));
    }
    // ::ffff:0:0/96 is an IPv4 address in disguise (RFC 4291, 2.5.5.2).
    if (value.shiftRight(32).equals(BigInteger.valueOf(0xffff))) {
      return Optional.empty();
    }
    return Optional.of(new IpAddress(Family.IPV6, value));
  }

  private static Optional<List<Integer>> groups(String text) {
    if (text.isEmpty()) {
      return Optional.of(List.of());
    }
    List<Integer> result = new ArrayList<>();
    for (String group : text.split(":", -1)) {
      if (group.isEmpty() || group.length() > 4) {
        return Optional.empty();
      }
      int value = 0;
      for (int i = 0; i < group.length(); i++) {
        int digit = group.charAt(i) < 128 ? Character.digit(group.charAt(i), 16) : -1;
        if (digit < 0) {
          return Optional.empty();
        }
        value = value << 4 | digit;
      }
      result.add(value);
    }
    return Optional.of(result);
  }

  /** Neither loopback, link-local, multicast, unspecified nor the IPv4 broadcast address. */
  public boolean isUsableAsServer() {
    int top = value.shiftRight(family.bits() - 16).intValue();
    return switch (family) {
      case IPV4 -> {
        int first = top >> 8;
        yield first != 0 && first != 127 && first < 224 && top != 0xa9fe;
      }
      case IPV6 -> value.bitLength() > 1 && (top & 0xffc0) != 0xfe80 && (top & 0xff00) != 0xff00;
    };
  }

  /** Four or sixteen octets, most significant first. */
  public byte[] toByteArray() {
    byte[] result = new byte[family.bits() / 8];
    byte[] magnitude = value.toByteArray();
    int length = Math.min(magnitude.length, result.length);
    System.arraycopy(magnitude, magnitude.length - length, result, result.length - length, length);
    return result;
  }

  @Override
  public int compareTo(IpAddress other) {
    int byFamily = family.compareTo(other.family);
    return byFamily != 0 ? byFamily : value.compareTo(other.value);
  }

  /** The canonical text form (RFC 5952 for IPv6). */
  // A record's own are linked anew at each start, which takes 30 ms (docs/adr/0003).
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress that && family == that.family && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return 31 * family.bits() + value.hashCode();
  }

  @Override
  public String toString() {
    byte[] octets = toByteArray();
    if (family == Family.IPV4) {
      return (octets[0] & 255)
          + "."
          + (octets[1] & 255)
          + "."
          + (octets[2] & 255)
          + "."
          + (octets[3] & 255);
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((octets[2 * i] & 255) << 8) | (octets[2 * i + 1] & 255);
    }
    int from = -1;
    int length = 1;
    for (int i = 0; i < 8; ) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        from = i;
        length = end - i;
      }
      i = end + 1;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == from) {
        text.append("::");
        i += length - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
