package dev.countersign.testbed.trial;

import dev.countersign.common.Bytes;
import dev.countersign.common.name.NodeName;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.net.InetAddress;
import java.util.List;

/**
 * What a compromised node asks for. Each is an honest request of that node with one thing changed.
 *
 * @param attacker the node whose credentials the attacker holds
 * @param own its own address
 * @param victim another node
 * @param victimAddress that node's address
 * @param apiServerAddress an address of the API server
 * @param serviceAddress the first address of the Service range, on which pods reach the API server
 */
public record Attacks(
    String attacker,
    InetAddress own,
    String victim,
    InetAddress victimAddress,
    InetAddress apiServerAddress,
    InetAddress serviceAddress) {
  public static final List<String> USAGES = List.of("digital signature", "server auth");

  /** DER of BasicConstraints with cA TRUE (RFC 5280, 4.2.1.9). */
  private static final Bytes CA_TRUE = Bytes.copyOf(new byte[] {0x30, 3, 1, 1, (byte) 0xff});

  /** All of them but those that need the Node's status changed first. */
  public List<Attack> all() {
    DistinguishedName self = name(attacker);
    return List.of(
        with("another node's name as subject", name(victim), dns(victim), ip(victimAddress)),
        with("another node's name as SAN", self, dns(attacker), dns(victim), ip(own)),
        with("another node's address", self, dns(attacker), ip(own), ip(victimAddress)),
        with("the API server's name", self, dns("kubernetes.default.svc"), ip(own)),
        with("the API server's address", self, dns(attacker), ip(own), ip(apiServerAddress)),
        with("the API server's Service address", self, dns(attacker), ip(serviceAddress)),
        with("a wildcard", self, dns("*." + attacker), ip(own)),
        with("loopback", self, dns(attacker), ip(own), ip(InetAddress.getLoopbackAddress())),
        with("localhost", self, dns("localhost"), ip(own)),
        with("a URI", self, dns(attacker), new SubjectAltName.Uri("spiffe://cluster/admin")),
        with("an e-mail address", self, dns(attacker), new SubjectAltName.Email("root@cluster")),
        with("no name and no address at all", self),
        with(
            "one more organisation: system:masters",
            DistinguishedName.of(List.of("system:nodes", "system:masters"), commonName(attacker)),
            dns(attacker),
            ip(own)),
        new Attack(
            "client auth beside server auth",
            self,
            san(dns(attacker), ip(own)),
            List.of("digital signature", "server auth", "client auth")),
        new Attack(
            "to become a certificate authority",
            self,
            List.of(
                san(dns(attacker), ip(own)).getFirst(),
                new RequestedExtension(RequestedExtension.BASIC_CONSTRAINTS, true, CA_TRUE)),
            USAGES));
  }

  /** An honest-looking request for an address that the Node's status now claims. */
  public Attack claimed(String title, InetAddress address) {
    return with(title, name(attacker), dns(attacker), ip(address));
  }

  private static Attack with(String title, DistinguishedName subject, SubjectAltName... names) {
    return new Attack(title, subject, names.length == 0 ? List.of() : san(names), USAGES);
  }

  private static List<RequestedExtension> san(SubjectAltName... names) {
    return List.of(
        new RequestedExtension(
            RequestedExtension.SUBJECT_ALT_NAME, false, SubjectAltName.encodeAll(List.of(names))));
  }

  private static DistinguishedName name(String node) {
    return DistinguishedName.of(List.of("system:nodes"), commonName(node));
  }

  private static String commonName(String node) {
    return NodeName.USER_PREFIX + node;
  }

  private static SubjectAltName dns(String name) {
    return new SubjectAltName.Dns(name);
  }

  private static SubjectAltName ip(InetAddress address) {
    return SubjectAltName.Ip.of(address);
  }
}
