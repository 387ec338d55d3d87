package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Objects that files give besides those of every cluster: certificates, Leases, reviews. */
class GivenObjectsTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();

  private static ClusterObjects read(String... texts) {
    return ClusterObjects.parse(List.of(texts)).orThrow();
  }

  private static String node(String name, String address, String podRange) {
    return """
    kind: Node
    metadata: {name: %s, uid: uid-%s, creationTimestamp: "2026-11-22T01:00:00Z"}
    spec: {podCIDRs: [%s]}
    status: {addresses: [{type: InternalIP, address: %s}]}
    """
        .formatted(name, name, podRange, address);
  }

  private static String pem() {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    CertificateRequest request =
        CertificateRequest.parsePem(CsrForge.serving(Requests.NODE).pem()).orThrow();
    Certificate certificate =
        CertificateAuthority.create(
                CertificateProfile.authority(
                    DistinguishedName.of(List.of(), "kubernetes"), Duration.ofDays(10)),
                keys,
                RANDOM,
                Requests.NOW)
            .issue(
                CertificateProfile.server(request.subject(), request.sans(), Duration.ofDays(1)),
                keys.publicKey(),
                RANDOM,
                Requests.NOW);
    return certificate.toPem();
  }

  private static Fact<Optional<ServedCertificate>> served(String... texts) {
    Preflight.Open open = Policy.of(DEFAULTS).takenApart(Requests.valid().csr()).orElseThrow();
    return read(texts).lookUps().served(open, Facts.none(), DEFAULTS.renewal());
  }

  private static String shown(String address, String pem) {
    return "kind: ServedCertificate\naddress: \""
        + address
        + "\"\ncertificate: |\n"
        + pem.indent(2);
  }

  @Test
  void servedCertificate_isTheNodes_atTheAddressThatIsSaidOrAskedFor() {
    String pem = pem();

    for (String address : List.of("", "192.0.2.10")) {
      assertThat(served(shown(address, pem)))
          .isInstanceOfSatisfying(
              Fact.Known.class,
              known ->
                  assertThat((Optional<?>) known.value())
                      .get()
                      .extracting("dialed", "notAfter")
                      .containsExactly(
                          Worlds.ip("192.0.2.10"), Requests.NOW.plus(Duration.ofDays(1))));
    }
    assertThat(served(shown("192.0.2.11", pem))).isEqualTo(Fact.known(Optional.empty()));
  }

  @Test
  void servedCertificate_thatIsNone_orCannotBeRead_orIsNotGiven() {
    assertThat(served(shown("", "nothing is served\n"))).isEqualTo(Fact.known(Optional.empty()));
    assertThat(served(shown("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")))
        .asString()
        .contains("the certificate that was given cannot be read");
    assertThat(served()).asString().contains("--served FILE gives it");
    assertThat(ClusterObjects.parse(List.of(shown("192.0.2", "x"))))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            refused ->
                assertThat(refused.message())
                    .contains("ServedCertificate address: got \"192.0.2\""));
  }

  @Test
  void review_isOfOneUserAndOneRight() {
    ClusterObjects objects =
        read(
            """
            kind: SubjectAccessReview
            spec:
              user: system:bootstrap:abc123
              resourceAttributes: {resource: certificatesigningrequests, subresource: nodeclient}
            status: {allowed: true}
            """);

    assertThat(objects.review("system:bootstrap:abc123", "nodeclient"))
        .isEqualTo(Fact.known(new AccessReview.Allowed()));
    assertThat(objects.review("system:bootstrap:abc123", "selfnodeclient").isKnown()).isFalse();
    assertThat(objects.review("system:bootstrap:another", "nodeclient").isKnown()).isFalse();
  }

  @Test
  void lease_isKeptAsItIs_aNodeOnlyThatItIsThere() {
    ClusterObjects objects =
        read(
            "kind: Lease\nmetadata: {name: node-a}\nspec: {holderIdentity: node-a}\n",
            node("node-a", "192.0.2.10", "10.2.1.0/24"));

    assertThat(objects.raw("Lease", "node-a"))
        .hasValueSatisfying(
            lease ->
                assertThat(lease.path("spec").path("holderIdentity").asText()).isEqualTo("node-a"));
    assertThat(objects.raw("Lease", "node-b")).isEmpty();
    assertThat(objects.raw("Node", "node-a"))
        .hasValueSatisfying(node -> assertThat(node.isEmpty()).isTrue());
    assertThat(objects.raw("Node", "node-b")).isEmpty();
  }

  private static String request(String name, String second, String status) {
    return """
    kind: CertificateSigningRequest
    metadata: {name: %s, creationTimestamp: "2026-11-22T01:00:%sZ"}
    spec:
      username: system:node:node-a
      signerName: kubernetes.io/kubelet-serving
      request: %s
    status: %s
    """
        .formatted(name, second, Base64.getEncoder().encodeToString(new byte[] {1}), status);
  }

  @Test
  void requestThatIsDecided_hasItsConditions_andThoseThatAreNewer() {
    ClusterObjects objects =
        read(
            request("a", "00", "{}"),
            request("b", "01", "{conditions: [{type: Denied, reason: X, message: y}]}"),
            request("c", "02", "{}"),
            request("d", "03", "{}"));
    CsrSpec denied = objects.requests().get(1);

    assertThat(objects.details(denied).condition("Denied"))
        .contains(new CsrDetails.Condition("Denied", "X", "y", ""));
    assertThat(objects.newerPending(denied)).isEqualTo(Fact.known(2));
    assertThat(objects.details(Requests.valid().csr())).isEqualTo(CsrDetails.none());
  }

  /** Whose addresses they are is known without records, too, where one Node alone has each. */
  @Test
  void podRangeOverTheAddressesOfOtherNodes_isNotBelieved() {
    StringBuilder nodes = new StringBuilder(node("evil", "198.51.100.1", "192.0.2.0/24"));
    for (int i = 1; i <= 20; i++) {
      nodes.append("---\n").append(node("node-" + i, "192.0.2." + i, "10.2." + i + ".0/24"));
    }
    ClusterObjects objects = read(nodes.toString());

    assertThat(objects.space().protecting(Worlds.ip("192.0.2.1"))).isEmpty();
    assertThat(objects.space().protecting(Worlds.ip("10.2.7.1"))).isPresent();
    assertThat(read(node("node-a", "198.51.100.1", "192.0.2.0/24")).space())
        .satisfies(space -> assertThat(space.protecting(Worlds.ip("192.0.2.1"))).isPresent());
  }
}
