package dev.countersign.render.network;

import java.math.BigInteger;
import java.util.Objects;
import java.util.Optional;

/**
 * A range of addresses with a common prefix (RFC 4632).
 *
 * @param first the lowest address; every bit behind the prefix is zero
 * @param prefixLength in bits
 */
public record Cidr(IpAddress first, int prefixLength) {

  public Cidr {
    Objects.requireNonNull(first, "first");
    if (prefixLength < 0 || prefixLength > first.family().bits()) {
      throw new IllegalArgumentException("prefixLength: must be from 0 to the address's length");
    }
    int host = first.family().bits() - prefixLength;
    if (host > 0
        && first.value().getLowestSetBit() >= 0
        && first.value().getLowestSetBit() < host) {
      throw new IllegalArgumentException("first: must have no bit set behind the prefix");
    }
  }

  /** Reads {@code ADDRESS/PREFIX}; empty where it is something else or has bits set behind it. */
  public static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String digits = text.substring(slash + 1);
    if (!digits.matches("0|[1-9][0-9]{0,2}")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(digits);
    Optional<IpAddress> address = IpAddress.parse(text.substring(0, slash));
    if (address.isEmpty() || prefix > address.get().family().bits()) {
      return Optional.empty();
    }
    Cidr range = containing(address.get(), prefix);
    return range.first.equals(address.get()) ? Optional.of(range) : Optional.empty();
  }

  /** The range with this prefix length that the address is in. */
  public static Cidr containing(IpAddress address, int prefixLength) {
    int host = address.family().bits() - prefixLength;
    return new Cidr(
        new IpAddress(address.family(), address.value().shiftRight(host).shiftLeft(host)),
        prefixLength);
  }

  /** Which kind of address. */
  public Family family() {
    return first.family();
  }

  /** The number of addresses. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(family().bits() - prefixLength);
  }

  /** Whether the address is one of the range. */
  public boolean contains(IpAddress address) {
    return address.family() == family() && containing(address, prefixLength).first.equals(first);
  }

  /** Whether some address is in both. */
  public boolean overlaps(Cidr other) {
    return other.family() == family() && (contains(other.first) || other.contains(first));
  }

  /**
   * The address at an offset from the first.
   *
   * @return empty where it is beyond the range
   */
  public Optional<IpAddress> host(long offset) {
    BigInteger index = BigInteger.valueOf(offset);
    return index.signum() >= 0 && index.compareTo(size()) < 0
        ? Optional.of(new IpAddress(family(), first.value().add(index)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return first + "/" + prefixLength;
  }
}
