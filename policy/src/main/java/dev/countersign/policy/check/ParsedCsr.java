package dev.countersign.policy.check;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request taken apart once, for all checks. Immutable. */
public final class ParsedCsr {
  private final CsrSpec csr;
  private final ParseResult<CertificateRequest> parse;
  private final Optional<String> commonName;
  private final Optional<NodeName> node;
  private final List<RequestedName> names;
  private final List<RequestedAddress> addresses;
  private final List<RequestedSan> claims;

  /**
   * A DNS name asked for.
   *
   * @param index its position among all SAN entries
   * @param asWritten as in the request
   * @param name as it compares
   */
  public record RequestedName(int index, String asWritten, DnsName name) {
    String path() {
      return "request.san[" + index + "]";
    }

    String shown() {
      return "DNS " + SafeText.quote(asWritten);
    }
  }

  /**
   * An IP address asked for.
   *
   * @param index its position among all SAN entries
   * @param address the address
   */
  public record RequestedAddress(int index, IpAddress address) {
    String path() {
      return "request.san[" + index + "]";
    }
  }

  private ParsedCsr(CsrSpec csr, ParseResult<CertificateRequest> parse) {
    this.csr = csr;
    this.parse = parse;
    List<RequestedName> dns = new ArrayList<>();
    List<RequestedAddress> ips = new ArrayList<>();
    Optional<String> onlyCommonName = Optional.empty();
    if (parse instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request)) {
      List<String> commonNames = request.subject().values(NameAttribute.COMMON_NAME);
      if (commonNames.size() == 1) {
        onlyCommonName = Optional.of(commonNames.getFirst());
      }
      List<SubjectAltName> sans = request.sans();
      for (int i = 0; i < sans.size(); i++) {
        int index = i;
        switch (sans.get(i)) {
          case SubjectAltName.Dns(String name) ->
              dns.add(new RequestedName(index, name, DnsName.of(name)));
          case SubjectAltName.Ip ip ->
              IpAddress.of(ip.address()).ifPresent(a -> ips.add(new RequestedAddress(index, a)));
          case SubjectAltName.Email _, SubjectAltName.Uri _, SubjectAltName.Other _ -> {}
        }
      }
    }
    commonName = onlyCommonName;
    node = commonName.flatMap(NodeName::ofUser);
    names = List.copyOf(dns);
    addresses = List.copyOf(ips);
    claims = RequestedSan.of(names, addresses);
  }

  /** Takes a request apart. A request too long to be read is not read. */
  public static ParsedCsr of(CsrSpec csr, int mostBytes) {
    ParseResult<CertificateRequest> parse =
        csr.request().size() > mostBytes
            ? ParseResult.refused("spec.request", "too long to be read", "less")
            : CertificateRequest.parsePem(csr.request().text(StandardCharsets.ISO_8859_1));
    return new ParsedCsr(csr, parse);
  }

  /** The request object. */
  public CsrSpec csr() {
    return csr;
  }

  /** The PKCS#10 request, or what is in its place. */
  public ParseResult<CertificateRequest> parse() {
    return parse;
  }

  /** The PKCS#10 request where it could be read. */
  public Optional<CertificateRequest> request() {
    return parse instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request)
        ? Optional.of(request)
        : Optional.empty();
  }

  /** The common name where there is exactly one. */
  public Optional<String> commonName() {
    return commonName;
  }

  /** The Node that the one common name names, where it can be a Node's name. */
  public Optional<NodeName> node() {
    return node;
  }

  /** The same for people, quoted; nothing between the quotes where there is none. */
  String shownNode() {
    return SafeText.quote(node.map(NodeName::text).orElse(""));
  }

  /** The DNS names asked for, in order. */
  public List<RequestedName> names() {
    return names;
  }

  /** The IP addresses asked for that are 4 or 16 bytes, in order. */
  public List<RequestedAddress> addresses() {
    return addresses;
  }

  /** The names, then the addresses asked for. */
  List<RequestedSan> claims() {
    return claims;
  }
}
