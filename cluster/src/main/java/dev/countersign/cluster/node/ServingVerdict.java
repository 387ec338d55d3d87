package dev.countersign.cluster.node;

import dev.countersign.cluster.node.NodeReport.Cause;
import dev.countersign.cluster.node.NodeReport.Finding;
import dev.countersign.common.Bytes;
import dev.countersign.common.name.NodeName;
import dev.countersign.x509.authority.ChainVerdict;
import dev.countersign.x509.authority.ChainVerifier;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Judges a served certificate against its Node. Pure. */
final class ServingVerdict {
  private final ChainVerifier authorities;
  private final Instant now;
  private final Duration warnWithin;

  ServingVerdict(ChainVerifier authorities, Instant now, Duration warnWithin) {
    this.authorities = authorities;
    this.now = now;
    this.warnWithin = warnWithin;
  }

  /** What is wrong. */
  List<Finding> judge(
      String node,
      Set<String> addresses,
      String dialed,
      List<Certificate> chain,
      Optional<Certificate> lastIssued) {
    List<Finding> findings = new ArrayList<>();
    Certificate own = chain.getFirst();
    judgeChain(chain, own, findings);
    judgeTime(own, findings);
    List<String> commonNames = own.subject().values(NameAttribute.COMMON_NAME);
    List<String> organizations = own.subject().values(NameAttribute.ORGANIZATION);
    if (!commonNames.equals(List.of(NodeName.USER_PREFIX + node))
        || !organizations.equals(List.of("system:nodes"))) {
      findings.add(
          new Finding(
              Cause.OTHER_SUBJECT,
              own.subject().toString(),
              "O=system:nodes, CN=system:node:" + node,
              ""));
    }
    List<String> names = own.sans().stream().map(ServingVerdict::shown).toList();
    List<String> foreign = names.stream().filter(name -> !addresses.contains(name)).toList();
    if (!foreign.isEmpty()) {
      findings.add(
          new Finding(
              Cause.FOREIGN_NAME,
              foreign.toString(),
              "only addresses of the Node, " + addresses,
              "if the Node's addresses changed, delete the kubelet's certificate and restart it"));
    }
    if (!names.contains(normal(dialed))) {
      findings.add(
          new Finding(
              Cause.ADDRESS_NOT_NAMED,
              names.toString(),
              normal(dialed) + " among them",
              "the API server cannot verify this kubelet at that address"));
    }
    if (lastIssued.isPresent() && !lastIssued.get().equals(own)) {
      findings.add(
          new Finding(
              Cause.NOT_THE_LAST_ISSUED,
              "serial " + own.serial().toString(16),
              "serial "
                  + lastIssued.get().serial().toString(16)
                  + ", issued from "
                  + lastIssued.get().notBefore(),
              "right after a renewal wait a moment; else look who answers at this address"));
    }
    return findings;
  }

  private void judgeChain(List<Certificate> chain, Certificate own, List<Finding> findings) {
    Instant at =
        now.isBefore(own.notBefore())
            ? own.notBefore()
            : now.isAfter(own.notAfter()) ? own.notAfter() : now;
    switch (authorities.verify(chain, ExtendedKeyUsage.SERVER_AUTH, at)) {
      case ChainVerdict.Trusted() -> {}
      case ChainVerdict.Untrusted(String why) -> {
        boolean selfMade =
            own.issuer().values(NameAttribute.COMMON_NAME).stream()
                .anyMatch(name -> name.matches(".*-ca@[0-9]+"));
        findings.add(
            selfMade
                ? new Finding(
                    Cause.SELF_SIGNED,
                    "a certificate the kubelet made itself",
                    "one issued by the cluster",
                    "set serverTLSBootstrap: true in the kubelet's configuration and restart it")
                : new Finding(
                    Cause.UNTRUSTED,
                    why,
                    "a chain to the cluster's authority",
                    "check kube-controller-manager's --cluster-signing-cert-file, or"
                        + " --kubelet-ca"));
      }
    }
  }

  private void judgeTime(Certificate own, List<Finding> findings) {
    if (now.isAfter(own.notAfter()) || now.isBefore(own.notBefore())) {
      findings.add(
          new Finding(
              Cause.NOT_VALID_NOW,
              "valid from " + own.notBefore() + " until " + own.notAfter(),
              "valid at " + now,
              now.isAfter(own.notAfter())
                  ? "look for its pending or denied requests: countersign csr list"
                  : "compare the clocks of this machine, the node and the control plane"));
    } else if (now.plus(warnWithin).isAfter(own.notAfter())) {
      findings.add(
          new Finding(
              Cause.EXPIRES_SOON,
              "valid until " + own.notAfter(),
              "more than " + warnWithin + " left",
              "kubelets renew after 70 to 90 % of the time; look for a pending request"));
    }
  }

  /** A name or address as text to compare; a form no Node has is shown as what it is. */
  static String shown(SubjectAltName san) {
    return switch (san) {
      case SubjectAltName.Dns(String name) -> name.toLowerCase(Locale.ROOT);
      case SubjectAltName.Ip ip ->
          ip.inetAddress().map(InetAddress::getHostAddress).orElse("an address of another length");
      case SubjectAltName.Email(String address) -> "email:" + address;
      case SubjectAltName.Uri(String uri) -> "uri:" + uri;
      case SubjectAltName.Other(int tag, Bytes _) -> "a name of type " + tag;
    };
  }

  /** A Node's address as text to compare. */
  static String normal(String address) {
    if (address.matches("[0-9.]+") || address.indexOf(':') >= 0) {
      try {
        return InetAddress.ofLiteral(address).getHostAddress();
      } catch (IllegalArgumentException e) {
        return address;
      }
    }
    return address.toLowerCase(Locale.ROOT);
  }

  static String sha256(Certificate certificate) {
    return certificate.der().sha256().toHex();
  }
}
