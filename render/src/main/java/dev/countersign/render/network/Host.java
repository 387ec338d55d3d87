package dev.countersign.render.network;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpFamily;
import dev.countersign.common.name.NameOrAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a server is reached by.
 *
 * @param value a DNS name or an IP address
 */
public record Host(NameOrAddress value) {
  private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX].*)");

  public Host {
    Objects.requireNonNull(value, "value");
  }

  /** Reads a DNS name or an IP address. */
  public static Optional<Host> parse(String text) {
    Optional<IpAddress> address = IpAddress.parseStrict(text);
    return address.isPresent() ? address.map(Host::new) : dnsName(text).map(Host::new);
  }

  /**
   * Reads a host name without a trailing dot. One whose last label is a number is none: clients
   * take such a text for an address (WHATWG URL, "ends in a number").
   */
  public static Optional<DnsName> dnsName(String text) {
    return DnsSyntax.isHostName(text) && !ENDS_IN_NUMBER.matcher(text).matches()
        ? Optional.of(DnsName.of(text))
        : Optional.empty();
  }

  /** Returns it as it stands in front of a port: {@code [fd00::1]} (RFC 3986, section 3.2.2). */
  public String inUrl() {
    return value instanceof IpAddress address && address.family() == IpFamily.IPV6
        ? "[" + address + "]"
        : toString();
  }

  /** Returns it as it stands in a list of names: {@code fd00::1}. */
  @Override
  public String toString() {
    return value.key();
  }
}
