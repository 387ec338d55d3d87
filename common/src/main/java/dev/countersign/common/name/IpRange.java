package dev.countersign.common.name;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A block of IP addresses in CIDR form.
 *
 * @param first its first address; no bit is set below the prefix
 * @param prefix number of leading bits that all its addresses share
 */
public record IpRange(IpAddress first, int prefix) {

  public IpRange {
    Objects.requireNonNull(first, "first");
    if (prefix < 0 || prefix > (first.version4() ? 32 : 128)) {
      throw new IllegalArgumentException(
          "prefix: got " + prefix + "; want 0 to " + (first.version4() ? 32 : 128));
    }
    if (!masked(first, prefix).equals(first)) {
      throw new IllegalArgumentException(
          "range: got bits set below the prefix; want " + masked(first, prefix) + "/" + prefix);
    }
  }

  /** The range of one address. */
  public static IpRange of(IpAddress address) {
    return new IpRange(address, address.version4() ? 32 : 128);
  }

  /**
   * Reads {@code 10.0.0.0/8} or {@code fd00::/8}, or a single address. Bits below the prefix are
   * cleared, as Kubernetes does for CIDRs of Nodes and Services.
   */
  public static Optional<IpRange> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return IpAddress.parse(text).map(IpRange::of);
    }
    String length = text.substring(slash + 1);
    if (length.isEmpty()
        || length.length() > 3
        || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(length);
    return IpAddress.parse(text.substring(0, slash))
        .filter(address -> prefix <= (address.version4() ? 32 : 128))
        .map(address -> new IpRange(masked(address, prefix), prefix));
  }

  /**
   * Reads {@code ADDRESS/PREFIX} as flags of Kubernetes' programs take it: an address as {@link
   * IpAddress#parseStrict} reads it, with no bit set below the prefix.
   */
  public static Optional<IpRange> parseStrict(String text) {
    return parse(text)
        .filter(
            range ->
                IpAddress.parseStrict(text.substring(0, Math.max(text.indexOf('/'), 0)))
                        .filter(range.first::equals)
                        .isPresent()
                    && text.endsWith("/" + range.prefix));
  }

  /** The range of that prefix length in which the address lies. */
  public static IpRange around(IpAddress address, int prefix) {
    return new IpRange(masked(address, prefix), prefix);
  }

  private static IpAddress masked(IpAddress address, int prefix) {
    return address.version4()
        ? new IpAddress(0, address.low() & lowMask(prefix + 96), true)
        : new IpAddress(address.high() & highMask(prefix), address.low() & lowMask(prefix), false);
  }

  private static long highMask(int prefix) {
    return prefix == 0 ? 0 : prefix >= 64 ? -1L : -1L << (64 - prefix);
  }

  private static long lowMask(int prefix) {
    return prefix <= 64 ? 0 : -1L << (128 - prefix);
  }

  /** Which kind of address it holds. */
  public IpFamily family() {
    return first.family();
  }

  /** Whether some address is in both. */
  public boolean overlaps(IpRange other) {
    return contains(other.first) || other.contains(first);
  }

  /**
   * Returns the address at an offset from the first.
   *
   * @param offset at least 0; empty where the range ends before it
   */
  public Optional<IpAddress> address(long offset) {
    int host = family().bits() - prefix;
    return offset >= 0 && (host >= Long.SIZE - 1 || offset < 1L << host)
        ? Optional.of(new IpAddress(first.high(), first.low() | offset, first.version4()))
        : Optional.empty();
  }

  /** Whether all addresses of another range lie in this one. */
  public boolean contains(IpRange other) {
    return other.prefix >= prefix && contains(other.first);
  }

  /** Its last address. */
  public IpAddress last() {
    return first.version4()
        ? new IpAddress(0, first.low() | (~lowMask(prefix + 96) & 0xffffffffL), true)
        : new IpAddress(first.high() | ~highMask(prefix), first.low() | ~lowMask(prefix), false);
  }

  /**
   * Whether an address lies in the range. IPv4 addresses are never in IPv6 ranges or vice versa.
   */
  public boolean contains(IpAddress address) {
    return address.version4() == first.version4()
        && (address.version4()
            ? (address.low() & lowMask(prefix + 96)) == first.low()
            : (address.high() & highMask(prefix)) == first.high()
                && (address.low() & lowMask(prefix)) == first.low());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpRange that && prefix == that.prefix && first.equals(that.first);
  }

  @Override
  public int hashCode() {
    return first.hashCode() * 31 + prefix;
  }

  /** {@code first/prefix}. */
  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
