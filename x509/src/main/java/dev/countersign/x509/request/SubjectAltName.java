package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One name of a SAN extension (GeneralName of RFC 5280, section 4.2.1.6); every type is kept. */
public sealed interface SubjectAltName {

  /**
   * Reads the value of a SAN extension.
   *
   * @param path where it stands, for the error
   */
  static List<SubjectAltName> readAll(String path, Bytes extensionValue) throws DerException {
    DerValue sequence = DerValue.parse(path, extensionValue);
    List<DerValue> children = sequence.childrenOf(path, DerTag.SEQUENCE, 1, Integer.MAX_VALUE);
    List<SubjectAltName> names = new ArrayList<>(children.size());
    for (DerValue name : children) {
      try {
        names.add(read(name));
      } catch (DerException e) {
        throw e.within(path + "[" + names.size() + "]");
      }
    }
    return List.copyOf(names);
  }

  private static SubjectAltName read(DerValue name) throws DerException {
    if (name.tagClass() != DerValue.CONTEXT) {
      throw new DerException("", name.kind(), "a context tag");
    }
    int number = name.tagNumber();
    boolean mustBeConstructed = number == 0 || (number >= 3 && number <= 5);
    if (number <= 8 && name.isConstructed() != mustBeConstructed) {
      throw new DerException(
          "",
          "a " + (name.isConstructed() ? "constructed " : "primitive ") + name.kind(),
          mustBeConstructed ? "a constructed one" : "a primitive one");
    }
    return switch (number) {
      case 1 -> new Email(ia5(name));
      case 2 -> new Dns(ia5(name));
      case 6 -> new Uri(ia5(name));
      case 7 -> new Ip(name.content());
      default -> new Other(number, name.encoded());
    };
  }

  private static String ia5(DerValue name) throws DerException {
    Bytes content = name.content();
    for (int i = 0; i < content.size(); i++) {
      if (content.at(i) > 0x7f) {
        throw new DerException("", "byte " + content.slice(i, i + 1).toHex(), "7-bit text");
      }
    }
    return content.text(StandardCharsets.US_ASCII);
  }

  /** Its GeneralName in DER. */
  default Bytes encoded() {
    return switch (this) {
      case Email(String address) -> text(1, address);
      case Dns(String name) -> text(2, name);
      case Uri(String uri) -> text(6, uri);
      case Ip(Bytes address) -> Bytes.copyOf(DerWriter.implicit(7, address.toByteArray()));
      case Other other -> other.encoded;
    };
  }

  private static Bytes text(int tagNumber, String text) {
    return Bytes.copyOf(DerWriter.implicit(tagNumber, text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** The value of a SAN extension with these names. */
  static Bytes encodeAll(List<SubjectAltName> names) {
    return Bytes.copyOf(
        DerWriter.sequence(names.stream().map(name -> name.encoded().toByteArray()).toList()));
  }

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
