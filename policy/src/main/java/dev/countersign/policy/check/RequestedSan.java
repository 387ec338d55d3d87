package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A name or address asked for, with where and how it was written. */
sealed interface RequestedSan {
  /** As it compares. */
  NameOrAddress claim();

  /** Where in the request. */
  String path();

  /** For messages, for example {@code IP 10.0.0.1}. */
  String shown();

  /** A name. */
  record Name(ParsedCsr.RequestedName requested) implements RequestedSan {
    @Override
    public DnsName claim() {
      return requested.name();
    }

    @Override
    public String path() {
      return requested.path();
    }

    @Override
    public String shown() {
      return requested.shown();
    }
  }

  /** An address. */
  record Address(ParsedCsr.RequestedAddress requested) implements RequestedSan {
    @Override
    public IpAddress claim() {
      return requested.address();
    }

    @Override
    public String path() {
      return requested.path();
    }

    @Override
    public String shown() {
      return "IP " + requested.address();
    }
  }

  /** All of a request. */
  static List<RequestedSan> of(
      List<ParsedCsr.RequestedName> names, List<ParsedCsr.RequestedAddress> addresses) {
    List<RequestedSan> claims = new ArrayList<>(names.size() + addresses.size());
    names.forEach(name -> claims.add(new Name(name)));
    addresses.forEach(address -> claims.add(new Address(address)));
    return Collections.unmodifiableList(claims);
  }
}
