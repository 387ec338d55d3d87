package dev.countersign.render.network;

import java.util.Optional;

/** What a server is reached by: a DNS name or an IP address. */
public sealed interface Host permits HostName, IpAddress {

  /**
   * Reads a DNS name or an IP address.
   *
   * <p>A text of digits and dots alone is an address or nothing: it is never taken for a name.
   */
  static Optional<Host> parse(String text) {
    Optional<IpAddress> address = IpAddress.parse(text);
    if (address.isPresent()) {
      return Optional.of(address.get());
    }
    return HostName.parse(text).map(name -> name);
  }

  /** As it is written in a list of names, such as {@code fd00::1}. */
  @Override
  String toString();

  /** As it is written in front of a port, such as {@code [fd00::1]} (RFC 3986, section 3.2.2). */
  default String inUrl() {
    return switch (this) {
      case HostName name -> name.toString();
      case IpAddress address ->
          address.family() == Family.IPV6 ? "[" + address + "]" : address.toString();
    };
  }
}
