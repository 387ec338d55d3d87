package dev.countersign.x509.request;

import dev.countersign.x509.Bytes;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;

/** One name of a SAN extension (GeneralName of RFC 5280, section 4.2.1.6); every type is kept. */
public sealed interface SubjectAltName {

  /**
   * A dNSName.
   *
   * @param name 7-bit text as encoded; may be anything, a wildcard or an address among it
   */
  record Dns(String name) implements SubjectAltName {
    public Dns {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * An iPAddress.
   *
   * @param address as encoded: 4 or 16 bytes where it is one, any other number where it is not
   */
  record Ip(Bytes address) implements SubjectAltName {
    public Ip {
      Objects.requireNonNull(address, "address");
    }

    /** The name for an address; an IPv4-mapped IPv6 address becomes IPv4, as Java has it. */
    public static Ip of(InetAddress address) {
      return new Ip(Bytes.copyOf(address.getAddress()));
    }

    /**
     * The address where there are 4 or 16 bytes.
     *
     * <p>Java turns an IPv4-mapped IPv6 address into IPv4; {@link #isIpv4Mapped()} tells.
     */
    public Optional<InetAddress> inetAddress() {
      if (address.size() != 4 && address.size() != 16) {
        return Optional.empty();
      }
      try {
        return Optional.of(InetAddress.getByAddress(address.toByteArray()));
      } catch (UnknownHostException e) {
        throw new AssertionError("4 or 16 bytes are an address", e);
      }
    }

    /** Whether this is an IPv6 address of the range ::ffff:0:0/96 (RFC 4291, section 2.5.5.2). */
    public boolean isIpv4Mapped() {
      if (address.size() != 16 || address.at(10) != 0xff || address.at(11) != 0xff) {
        return false;
      }
      for (int i = 0; i < 10; i++) {
        if (address.at(i) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** An rfc822Name. */
  record Email(String address) implements SubjectAltName {
    public Email {
      Objects.requireNonNull(address, "address");
    }
  }

  /** A uniformResourceIdentifier. */
  record Uri(String uri) implements SubjectAltName {
    public Uri {
      Objects.requireNonNull(uri, "uri");
    }
  }

  /**
   * Any other name: otherName (0), x400Address (3), directoryName (4), ediPartyName (5),
   * registeredID (8), or a number RFC 5280 does not know.
   *
   * @param tagNumber the number of its context tag
   * @param encoded with its tag
   */
  record Other(int tagNumber, Bytes encoded) implements SubjectAltName {
    public Other {
      Objects.requireNonNull(encoded, "encoded");
    }
  }
}
