package dev.countersign.policy.check;

import dev.countersign.policy.decision.SafeText;
import dev.countersign.policy.name.Claimable;
import java.util.ArrayList;
import java.util.List;

/**
 * A name or address asked for, with where and how it was written.
 *
 * @param path where in the request
 * @param shown for messages, for example {@code IP 10.0.0.1}
 * @param claim as it compares
 */
record Claim(String path, String shown, Claimable claim) {
  /** All of a request. */
  static List<Claim> of(Inspection inspection) {
    List<Claim> claims = new ArrayList<>();
    for (Inspection.RequestedName name : inspection.names()) {
      claims.add(new Claim(name.path(), "DNS " + SafeText.quote(name.asWritten()), name.name()));
    }
    for (Inspection.RequestedAddress address : inspection.addresses()) {
      claims.add(new Claim(address.path(), "IP " + address.address(), address.address()));
    }
    return claims;
  }
}
