package dev.countersign.policy;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internal;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.node;
import static dev.countersign.policy.Worlds.nodeName;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reason's remedy says to write into the policy file makes the honest request pass. */
class RemedyTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  /** Fields in a remedy, with the value where it is told: {@code names.resolution: Off}. */
  private static final Pattern FIELD =
      Pattern.compile("\\b([a-z][A-Za-z]*(?:\\.[a-z][A-Za-z]*)+)(?:: (true|[A-Z][A-Za-z]+))?");

  /** Fields of Kubernetes' objects. */
  private static final Pattern NOT_OF_THE_POLICY = Pattern.compile("(?:spec|status|metadata)\\..*");

  /**
   * @param before the spec that refuses
   * @param after the spec with the remedy
   */
  record Remedy(Reason reason, Requests request, Facts facts, String before, String after) {
    @Override
    public String toString() {
      return reason + ": " + after.strip();
    }
  }

  private static CsrForge forge() {
    return CsrForge.serving(Requests.NODE);
  }

  /** node-a reports one DNS name more. */
  private static Facts reporting(String name) {
    return Worlds.of(
        node(
            Requests.NODE,
            Worlds.UID,
            hostname(Requests.NODE),
            internal("192.0.2.10"),
            Worlds.internalDns(name)));
  }

  /** node-a reports one address more. */
  private static Facts reportingAddress(String address) {
    return Worlds.of(
        node(
            Requests.NODE,
            Worlds.UID,
            hostname(Requests.NODE),
            internal("192.0.2.10"),
            internal(address)));
  }

  private static Remedy name(Reason reason, String name, String after) {
    return new Remedy(reason, Requests.of(forge().withDns(name)), reporting(name), "", after);
  }

  private static Remedy same(Reason reason, Facts facts, String before, String after) {
    return new Remedy(reason, Requests.valid(), facts, before, after);
  }

  private static Facts resolving(Resolution resolution) {
    return Worlds.honest().withResolution(Fact.known(Map.of(dns("node-a"), resolution)));
  }

  static Stream<Remedy> remedies() {
    CsrForge many = forge();
    for (int i = 0; i < 99; i++) {
      many = many.withIp("192.0.2.10");
    }
    Facts served =
        Worlds.honest()
            .withServed(
                Fact.known(
                    Optional.of(
                        new ServedCertificate(
                            nodeName("node-a"),
                            ip("192.0.2.10"),
                            Set.of(dns("node-a")),
                            Set.of(ip("192.0.2.10")),
                            Instant.MAX))));
    Facts widened =
        served.withServed(
            Fact.known(
                Optional.of(
                    new ServedCertificate(
                        nodeName("node-a"),
                        ip("192.0.2.10"),
                        Set.of(dns("node-a")),
                        Set.of(),
                        Instant.MAX))));
    AddressOwnership contested =
        new AddressOwnership.Contested(List.of(nodeName("node-b"), nodeName("node-a")));
    String inventory = "sources: [{name: cmdb, file: {path: /etc/countersign/nodes.yaml}}]";
    return Stream.of(
        new Remedy(
            Reason.REQUEST_TOO_LARGE,
            Requests.ofPem(forge().pem() + "\n".repeat(16 * 1024)),
            Worlds.honest(),
            "",
            "limits: {requestBytes: 32768}"),
        new Remedy(
            Reason.EXPIRATION_OUT_OF_BOUNDS,
            Requests.valid().withExpiration(400L * 86400),
            Worlds.honest(),
            "",
            "limits: {expiration: {max: 400d}}"),
        new Remedy(
            Reason.KEY_ALGORITHM_NOT_ALLOWED,
            Requests.of(forge().withKey(TestKeys.p521())),
            Worlds.honest(),
            "keys: {algorithms: [Ed25519], curves: [P-256]}",
            "keys: {algorithms: [Ed25519, ECDSA], curves: [P-256, P-521]}"),
        new Remedy(
            Reason.SAN_TOO_MANY, Requests.of(many), Worlds.honest(), "", "limits: {names: 101}"),
        name(Reason.DNS_UNDERSCORE, "node_a.example.com", "names: {allowUnderscore: true}"),
        name(Reason.DNS_TRAILING_DOT, "node-a.example.com.", "names: {allowTrailingDot: true}"),
        name(
            Reason.DNS_INTERNATIONALIZED,
            "a.xn--nxasmq6b.example.com",
            "names: {allowIDN: [xn--nxasmq6b.example.com]}"),
        name(Reason.DNS_REPEATS_ADDRESS, "192.0.2.10", "addresses: {allowAsDnsNames: true}"),
        same(
            Reason.IP_OUTSIDE_ALLOWED_RANGES,
            Worlds.honest(),
            "addresses: {allowedRanges: [198.51.100.0/24]}",
            "addresses: {allowedRanges: [198.51.100.0/24, 192.0.2.0/24]}"),
        same(
            Reason.DNS_OUTSIDE_ALLOWED_PATTERNS,
            Worlds.honest(),
            "names: {allowedPatterns: [node-*.example.com]}",
            "names: {allowedPatterns: [node-*.example.com, node-*]}"),
        new Remedy(
            Reason.DNS_WITHOUT_NODE_NAME,
            Requests.of(forge().withDns("web.example.com")),
            reporting("web.example.com"),
            "names: {nodeNamePrefix: Required}",
            "names: {nodeNamePrefix: Off}"),
        new Remedy(
            Reason.REQUESTOR_NOT_NODE,
            Requests.valid()
                .withRequestor("system:bootstrap:abcdef", "system:nodes", "system:authenticated"),
            Worlds.honest(),
            "requestors: {others: Defer}",
            "requestors: {others: Ignore}"),
        new Remedy(
            Reason.SAN_PROTECTED_BY_CLUSTER,
            Requests.of(forge().withIp("192.0.2.1")),
            reportingAddress("192.0.2.1"),
            "",
            "protected: {controlPlaneNodes: [node-a]}"),
        new Remedy(
            Reason.IP_LINK_LOCAL,
            Requests.of(forge().withIp("169.254.1.0")),
            reportingAddress("169.254.1.0"),
            "",
            "addresses: {specialRanges: [169.254.1.0]}"),
        same(
            Reason.ADDRESS_CONTESTED,
            Worlds.holding(ip("192.0.2.10"), contested),
            "",
            "ownership: {sharedRanges: [192.0.2.10]}"),
        same(
            Reason.ADDRESS_CONTESTED,
            Worlds.holding(dns("node-a"), contested),
            "",
            "ownership: {sharedNames: [node-a]}"),
        same(
            Reason.DNS_UNRESOLVED,
            resolving(new Resolution.None()),
            "names: {resolution: Required}",
            "names: {resolution: Off}"),
        same(
            Reason.DNS_RESOLVES_ELSEWHERE,
            resolving(new Resolution.Addresses(Set.of(ip("192.0.2.10"), ip("198.51.100.7")))),
            "names: {resolution: Required}",
            "names: {resolution: Required, additionalAddressRanges: [198.51.100.0/24]}"),
        same(
            Reason.INVENTORY_MISSING,
            served.withInventory(Map.of("cmdb", Fact.known(Optional.empty()))),
            "inventory: {%s}".formatted(inventory),
            "inventory: {%s, onMissing: Renew}".formatted(inventory)),
        same(
            Reason.SANS_CHANGED,
            widened,
            "renewal: {onChange: Defer}",
            "renewal: {onChange: Notice}"));
  }

  /** What only facts that were asked for by the policy can show: each has a scenario or test. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "protected.serviceExternalAddresses", "ProtectedSpaceTest, ClusterAddressesIT",
          "protected.serviceCIDRs", "ServiceRangeIT",
          "ownership.siblingNames", "ObservationTest",
          "names.searchDomains", "NameResolverTest");

  @ParameterizedTest
  @MethodSource("remedies")
  void remedy_letsTheRequestPass(Remedy remedy) {
    assertThat(decide(remedy, remedy.before()).violations())
        .extracting(violation -> violation.reason())
        .contains(remedy.reason());
    Decision after = decide(remedy, remedy.after());
    if (after instanceof Decision.Ignore) {
      assertThat(remedy.reason()).isEqualTo(Reason.REQUESTOR_NOT_NODE);
    } else {
      assertThat(after).isInstanceOf(Decision.Approve.class);
    }
  }

  private static Decision decide(Remedy remedy, String spec) {
    return Policy.decide(
        remedy.request().csr(), remedy.facts(), Given.policy(spec.isEmpty() ? "{}" : spec));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyFieldOfARemedy_isCarriedOutHere(Reason reason) throws Exception {
    List<String> specs =
        remedies().filter(each -> each.reason() == reason).map(Remedy::after).toList();
    Matcher field = FIELD.matcher(reason.remedy());
    while (field.find()) {
      String path = field.group(1);
      if (NOT_OF_THE_POLICY.matcher(path).matches() || ELSEWHERE.containsKey(path)) {
        continue;
      }
      assertThat(specs)
          .as("%s of %s", path, reason)
          .anySatisfy(
              spec -> {
                assertThat(YAML.readTree(spec).at("/" + path.replace('.', '/')).isMissingNode())
                    .isFalse();
                if (field.group(2) != null) {
                  assertThat(spec).contains(path.replaceFirst(".*\\.", "") + ": " + field.group(2));
                }
              });
    }
  }

  @Test
  void fieldsOfOtherTests_areInSomeRemedy() {
    assertThat(ELSEWHERE.keySet())
        .allMatch(
            path -> Stream.of(Reason.values()).anyMatch(reason -> reason.remedy().contains(path)));
  }
}
