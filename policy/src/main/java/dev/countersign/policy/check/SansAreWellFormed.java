package dev.countersign.policy.check;

import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.SubjectAltName;
import java.util.List;
import java.util.Optional;

/** Each subjectAltName is a host name or the address of one host, and there are some. */
final class SansAreWellFormed implements RequestCheck {
  /**
   * Addresses that are not one host's, whatever the cluster (RFC 6890, RFC 4291). Link-local ones
   * are {@link LinkLocalIsAllowed}'s.
   */
  private static final List<IpRange> SPECIAL =
      List.of(
          range("0.0.0.0/8"),
          range("127.0.0.0/8"),
          range("224.0.0.0/4"),
          range("255.255.255.255/32"),
          range("::/128"),
          range("::1/128"),
          range("ff00::/8"));

  private static final String HOST_NAME =
      "letters, digits and inner hyphens in labels of 1 to 63, at most 253 characters";

  private static IpRange range(String text) {
    return IpRange.parse(text).orElseThrow();
  }

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection
        .request()
        .ifPresent(
            request -> {
              inspectTypes(request, config, findings);
              inspection.names().forEach(name -> inspect(name, inspection, config, findings));
              inspection.addresses().forEach(address -> inspect(address, findings));
            });
  }

  private static void inspectTypes(
      CertificateRequest request, PolicyConfig config, ViolationCollector findings) {
    List<SubjectAltName> sans = request.sans();
    int hosts = 0;
    for (int i = 0; i < sans.size(); i++) {
      switch (sans.get(i)) {
        case SubjectAltName.Dns _ -> hosts++;
        case SubjectAltName.Ip ip -> {
          hosts++;
          int size = ip.address().size();
          if (size != 4 && size != 16) {
            findings.add(
                Reason.SAN_MALFORMED,
                path(i),
                "an IP address of " + size + " bytes",
                "4 or 16 bytes");
          }
        }
        case SubjectAltName.Email(String address) ->
            addType(findings, i, "e-mail " + SafeText.quote(address));
        case SubjectAltName.Uri(String uri) -> addType(findings, i, "URI " + SafeText.quote(uri));
        case SubjectAltName.Other other ->
            addType(findings, i, "name of type " + other.tagNumber());
      }
    }
    if (hosts == 0) {
      findings.add(
          Reason.SAN_MISSING, "request.san", "no DNS name and no IP address", "at least one");
    }
    if (sans.size() > config.limits().names()) {
      findings.add(
          Reason.SAN_TOO_MANY,
          "request.san",
          sans.size() + " names",
          "at most " + config.limits().names() + " (limits.names)");
    }
  }

  private static String path(int index) {
    return "request.san[" + index + "]";
  }

  private static void addType(ViolationCollector findings, int index, String got) {
    findings.add(Reason.SAN_TYPE_NOT_ALLOWED, path(index), got, "DNS names and IP addresses only");
  }

  private static void inspect(
      ParsedCsr.RequestedName name,
      ParsedCsr inspection,
      PolicyConfig config,
      ViolationCollector findings) {
    String written = name.asWritten();
    boolean dotted = written.endsWith(".");
    String text = dotted ? written.substring(0, written.length() - 1) : written;
    if (dotted
        && !config.names().allowTrailingDot()
        && DnsSyntax.isHostNameOrUnderscored(text)
        && !DnsSyntax.isAddress(text)) {
      add(findings, Reason.DNS_TRAILING_DOT, name, "no dot at the end (names.allowTrailingDot)");
    }
    Optional<DnsSyntax.Fault> fault = DnsSyntax.fault(text);
    if (fault.isEmpty()) {
      return;
    }
    switch (fault.get()) {
      case WILDCARD -> add(findings, Reason.DNS_WILDCARD, name, "a name without '*'");
      case ADDRESS -> inspectAddress(name, inspection, config, findings);
      case INTERNATIONALIZED -> {
        if (!DnsSyntax.isHostName(text)) {
          add(findings, Reason.DNS_SYNTAX, name, HOST_NAME);
        } else if (config.names().allowIDN().stream().noneMatch(name.name()::isAtOrBelow)) {
          add(
              findings,
              Reason.DNS_INTERNATIONALIZED,
              name,
              "no label that starts xn-- (names.allowIDN)");
        }
      }
      case UNDERSCORE -> {
        if (!config.names().allowUnderscore()) {
          add(findings, Reason.DNS_UNDERSCORE, name, "no underscore (names.allowUnderscore)");
        }
      }
      case TRAILING_DOT, NOT_A_HOST_NAME -> add(findings, Reason.DNS_SYNTAX, name, HOST_NAME);
    }
  }

  private static void inspectAddress(
      ParsedCsr.RequestedName name,
      ParsedCsr inspection,
      PolicyConfig config,
      ViolationCollector findings) {
    if (isOwnLabel(name, inspection)) {
      return;
    }
    if (!isRequestedAddress(name, inspection)) {
      add(findings, Reason.DNS_IS_ADDRESS, name, "a name that is not an address");
    } else if (!config.addresses().allowAsDnsNames()) {
      add(
          findings,
          Reason.DNS_REPEATS_ADDRESS,
          name,
          "a name that is not an address (addresses.allowAsDnsNames)");
    }
  }

  /** A Node may be called 4711. */
  private static boolean isOwnLabel(ParsedCsr.RequestedName name, ParsedCsr inspection) {
    return DnsSyntax.isHostName(name.asWritten())
        && inspection.node().filter(node -> node.isLabel(name.name())).isPresent();
  }

  /** The same address is asked for as one, so it is evaluated as one. */
  private static boolean isRequestedAddress(ParsedCsr.RequestedName name, ParsedCsr inspection) {
    return inspection.addresses().stream()
        .map(ParsedCsr.RequestedAddress::address)
        .anyMatch(address -> address.version4() && address.toString().equals(name.asWritten()));
  }

  private static void add(
      ViolationCollector findings, Reason reason, ParsedCsr.RequestedName name, String want) {
    findings.add(reason, name.path(), name.shown(), want);
  }

  private static void inspect(ParsedCsr.RequestedAddress requested, ViolationCollector findings) {
    IpAddress address = requested.address();
    Optional<IpAddress> inside = address.embeddedIpv4();
    if (inside.isPresent()) {
      findings.add(
          Reason.IP_EMBEDS_IPV4,
          requested.path(),
          "IP " + address + ", which stands for " + inside.get(),
          "an IPv4 address as four bytes");
    } else if (isSpecial(address)) {
      findings.add(Reason.IP_SPECIAL, requested.path(), "IP " + address, "an address of one host");
    }
  }

  private static boolean isSpecial(IpAddress address) {
    for (IpRange range : SPECIAL) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
