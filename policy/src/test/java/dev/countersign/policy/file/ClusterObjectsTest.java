package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Given;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.gather.FactSource;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClusterObjectsTest {
  private static final Instant NODES_MADE = Instant.parse("2026-11-22T01:00:00Z");
  private static final Set<NameOrAddress> CLAIMS =
      Set.of(Worlds.dns("node-a"), Worlds.ip("192.0.2.10"));
  private static final String NODE_A = node("node-a", "uid-a", "192.0.2.10");
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: ServiceList
      items:
      - metadata: {name: kubernetes, namespace: default}
        spec: {clusterIP: 10.3.0.1, clusterIPs: [10.3.0.1]}
      - metadata: {name: web, namespace: shop}
        spec: {clusterIPs: [10.3.0.9], externalIPs: [198.51.100.7], loadBalancerIP: 198.51.100.8}
        status: {loadBalancer: {ingress: [{ip: 198.51.100.9}, {hostname: web.example.com}]}}
      """;

  private static String node(String name, String uid, String address) {
    return """
    apiVersion: v1
    kind: Node
    metadata:
      name: %s
      uid: %s
      creationTimestamp: "2026-11-22T01:00:00Z"
      labels: {zone: a}
    spec: {podCIDRs: [10.2.1.0/24, nonsense]}
    status:
      conditions: [{type: Ready, status: "True"}]
      addresses:
      - {type: InternalIP, address: %s}
      - {type: Hostname, address: %s}
      - {type: Unheard, address: x}
    """
        .formatted(name, uid, address, name);
  }

  private static String request(String pem) {
    return """
    apiVersion: certificates.k8s.io/v1
    kind: CertificateSigningRequest
    metadata: {name: csr-1, creationTimestamp: "2026-11-22T01:00:00Z"}
    spec:
      signerName: kubernetes.io/kubelet-serving
      username: system:node:node-a
      uid: u
      groups: [system:nodes, system:authenticated]
      extra: {k: [v, w]}
      usages: [digital signature, server auth]
      expirationSeconds: 3600
      request: %s
    """
        .formatted(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private static ClusterObjects read(String... texts) {
    return switch (ClusterObjects.parse(List.of(texts))) {
      case ParseResult.Parsed<ClusterObjects>(ClusterObjects objects) -> objects;
      case ParseResult.Refused<ClusterObjects> refused ->
          throw new AssertionError(refused.message());
    };
  }

  private static List<String> errors(String... texts) {
    return switch (ClusterObjects.parse(List.of(texts))) {
      case ParseResult.Parsed<ClusterObjects> _ -> List.of();
      case ParseResult.Refused<ClusterObjects>(List<ParseError> errors) ->
          errors.stream().map(ParseError::message).toList();
    };
  }

  /** What is at hand about a Node and what it asks for. */
  private static Facts factsAbout(
      ClusterObjects objects, NodeName node, Set<NameOrAddress> claims, PolicyConfig config) {
    return Facts.none()
        .withNode(objects.node(node))
        .withHoldings(objects.holdings(claims, config))
        .withNewerPending(Fact.known(0))
        .withProtectedSpace(objects.protectedSpace());
  }

  private static Facts facts(String... texts) {
    return factsAbout(read(texts), Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults());
  }

  private static Map<NameOrAddress, AddressOwnership> holdings(String... texts) {
    return known(facts(texts).holdings());
  }

  private static <T> T known(Fact<T> fact) {
    return switch (fact) {
      case Fact.Known<T>(T value) -> value;
      case Fact.Unknown<T>(String why) -> throw new AssertionError(why);
    };
  }

  private static List<Reason> reasons(String pem, String... texts) {
    return reasons(PolicyConfig.defaults(), pem, texts);
  }

  private static List<Reason> reasons(PolicyConfig config, String pem, String... texts) {
    List<String> all = new ArrayList<>(List.of(texts));
    all.add(request(pem));
    ClusterObjects objects = read(all.toArray(String[]::new));
    Decision decision =
        Policy.decide(
            objects.requests().getFirst(),
            factsAbout(objects, Worlds.nodeName("node-a"), claims(pem), config),
            config);
    return decision.violations().stream().map(Violation::reason).distinct().toList();
  }

  private static PolicyConfig ignoringExternal() {
    Guard guard = Guard.defaults();
    return PolicyConfig.defaults()
        .withGuard(
            new Guard(
                guard.clusterDomains(),
                guard.names(),
                guard.domains(),
                guard.ranges(),
                false,
                guard.controlPlaneNodes(),
                Guard.ClusterCidrs.defaults()));
  }

  /** A record that says that the address is that of node-a. */
  private static String held(String address) {
    return """
    kind: ConfigMap
    metadata: {name: countersign-addresses-07}
    data:
      entries: "countersign.dev/ownership/v1\\nip\\t%s\\theld FIRST_CLAIM node-a uid-a\\
        \\ 2026-11-22T01:00:00Z\\n"
    """
        .formatted(address);
  }

  private static Set<NameOrAddress> claims(String pem) {
    return Policy.of(PolicyConfig.defaults()).preflight(Requests.ofPem(pem).csr())
            instanceof Preflight.Open open
        ? open.claims()
        : Set.of();
  }

  private static String honest() {
    return CsrForge.serving("node-a").pem();
  }

  private static String asking(String address) {
    return CsrForge.client("node-a").withIp(address).pem();
  }

  @Test
  void request_isReadWhole() {
    CsrSpec csr = read(request(honest())).requests().getFirst();

    assertThat(csr.name()).isEqualTo("csr-1");
    assertThat(csr.signer().text()).isEqualTo("kubernetes.io/kubelet-serving");
    assertThat(csr.requestor())
        .isEqualTo(
            new CsrSpec.Requestor(
                "system:node:node-a",
                "u",
                List.of("system:nodes", "system:authenticated"),
                Map.of("k", List.of("v", "w"))));
    assertThat(csr.usages()).containsExactly("digital signature", "server auth");
    assertThat(csr.expiration()).contains(Duration.ofHours(1));
    assertThat(csr.created()).isEqualTo(Instant.parse("2026-11-22T01:00:00Z"));
    assertThat(new String(csr.request().toByteArray(), StandardCharsets.US_ASCII))
        .startsWith("-----BEGIN CERTIFICATE REQUEST-----\n");
    assertThat(csr.conditions()).isEmpty();
    assertThat(csr.issued()).isFalse();
  }

  @Test
  void request_withStatus_showsItsConditionsAndThatItIsIssued() {
    CsrSpec csr =
        read("""
        kind: CertificateSigningRequest
        metadata: {name: c, creationTimestamp: yesterday}
        spec: {expirationSeconds: "600"}
        status:
          certificate: QQ==
          conditions:
          - {type: Approved, status: "True"}
          - {type: Denied, status: "False"}
          - {type: Failed}
        """)
            .requests()
            .getFirst();

    assertThat(csr.conditions()).containsExactly("Approved", "Failed");
    assertThat(csr.issued()).isTrue();
    assertThat(csr.expiration()).isEmpty();
    assertThat(csr.created()).isEqualTo(Instant.EPOCH);
  }

  @Test
  void request_thatIsNoBase64_isAnError() {
    assertThat(errors("kind: CertificateSigningRequest\nspec: {request: A}\n"))
        .containsExactly(
            "CertificateSigningRequest \"\" spec.request: got no base64; want base64 of a PEM"
                + " block");
    assertThat(errors("kind: [", "a: b")).hasSize(1);
  }

  @Test
  void node_isReadWhole() {
    NodeFact node = read(NODE_A).nodes().getFirst();

    assertThat(node)
        .isEqualTo(
            new NodeFact(
                Worlds.nodeName("node-a"),
                "uid-a",
                Instant.parse("2026-11-22T01:00:00Z"),
                List.of(
                    new NodeAddress(NodeAddress.Type.INTERNAL_IP, "192.0.2.10"),
                    new NodeAddress(NodeAddress.Type.HOSTNAME, "node-a")),
                List.of(Worlds.range("10.2.1.0/24")),
                Map.of("Ready", "True"),
                Map.of("zone", "a")));
    assertThat(read("kind: Node\nmetadata: {name: NOT A NODE}\n").nodes()).isEmpty();
    assertThat(read("kind: Secret\nmetadata: {name: a}\n").nodes()).isEmpty();
  }

  @Test
  void lists_ofOneKindOrMixed_areReadItemByItem() {
    assertThat(
            read(
                    "kind: NodeList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n",
                    """
                    kind: List
                    items:
                    - {kind: Node, metadata: {name: c}}
                    - {metadata: {name: d}}
                    ---
                    kind: Node
                    metadata: {name: e}
                    """)
                .nodes())
        .extracting(node -> node.name().text())
        .containsExactly("a", "b", "c", "e");
  }

  @Test
  void facts_withoutNodes_areUnknown() {
    Facts facts = facts(SERVICES);

    assertThat(List.of(facts.node(), facts.holdings())).noneMatch(Fact::isKnown);
    assertThat(facts("kind: NodeList\nitems: []\n").node())
        .as("a cluster that has none")
        .isEqualTo(Fact.known(Optional.empty()));
  }

  @Test
  void facts_withoutServices_doNotKnowWhatIsProtected() {
    assertThat(facts(NODE_A).protectedSpace())
        .isEqualTo(Fact.unknown("no Services among the files"));
    assertThat(reasons(honest(), NODE_A)).containsExactly(Reason.FACT_UNKNOWN);
    assertThat(reasons(honest(), NODE_A, "kind: ServiceList\nitems: []\n")).isEmpty();
  }

  @Test
  void facts_namesOfTheServersCertificate_areTheApiServers() throws Exception {
    SecureRandom random = new SecureRandom();
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    X509Certificate shown =
        CertificateAuthority.create(
                CertificateProfile.authority(
                    DistinguishedName.of(List.of(), "ca"), Duration.ofDays(1)),
                keys,
                random,
                Instant.now())
            .issue(
                CertificateProfile.server(
                    DistinguishedName.of(List.of(), "kube-apiserver"),
                    List.of(
                        new SubjectAltName.Dns("api.example.com"),
                        new SubjectAltName.Dns("*.apps.example.com"),
                        new SubjectAltName.Ip(Bytes.fromHex("cb007105"))),
                    Duration.ofDays(1)),
                keys.publicKey(),
                random,
                Instant.now())
            .x509();
    ClusterObjects.Builder builder = ClusterObjects.builder();
    documents(NODE_A).forEach(builder::add);
    documents(SERVICES).forEach(builder::add);
    builder.add(shown);
    assertThat(builder.errors()).isEmpty();
    Facts facts =
        factsAbout(builder.build(), Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults());
    assertThat(facts.protectedSpace()).isInstanceOf(Fact.Known.class);
    if (facts.protectedSpace() instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space)) {
      ProtectedSpace.Source source =
          new ProtectedSpace.Source(
              ProtectedSpace.Kind.API_SERVER, "certificate of the API server");
      assertThat(space.protecting(DnsName.of("api.example.com"))).contains(source);
      assertThat(space.protecting(IpAddress.parse("203.0.113.5").orElseThrow())).contains(source);
      assertThat(space.protecting(DnsName.of("x.apps.example.com"))).isEmpty();
    }
  }

  private static List<JsonNode> documents(String text) {
    return switch (Documents.all(text)) {
      case ParseResult.Parsed<List<JsonNode>>(List<JsonNode> documents) -> documents;
      case ParseResult.Refused<List<JsonNode>> refused ->
          throw new AssertionError(refused.message());
    };
  }

  /** JSON holds characters that YAML 1.1 does not, and objects of Kubernetes hold any. */
  @Test
  void json_withEveryCharacter_isRead() {
    for (int unit : new int[] {0x7f, 0x80, 0x9b, 0xd800, 0xdfff, 0x202e, 0xfffe, 0xffff}) {
      for (String text : List.of(Character.toString(unit), "\\u%04x".formatted(unit))) {
        String list =
            """
            {"kind": "List", "items": [
              {"kind": "Node", "metadata": {"name": "node-a", "annotations": {"a": "x%sx"}}}
            ]}
            """
                .formatted(text);
        assertThat(read(list, list + list).nodes()).hasSize(1);
        String mixed = list + "\n---\n" + list + "---\nkind: Node\nmetadata: {name: node-b}\n";
        assertThat(read(mixed).nodes()).hasSize(2);
      }
    }
  }

  @Test
  void flowMapping_isYaml() {
    assertThat(read("{kind: Node, metadata: {name: node-a}}").nodes()).hasSize(1);
  }

  @Test
  void brokenJson_isReportedAsJson() {
    assertThat(errors("{\"kind\": \"Node\", \"kind\": \"Node\"}"))
        .singleElement()
        .asString()
        .contains("kind (line 1): got the field a second time; want each field once");
  }

  /** The others are read; what the record would have said is unknown. */
  @Test
  void unreadableRecord_isNamed_andLeavesItsAddressesUnknown() {
    ClusterObjects.Builder builder = ClusterObjects.builder();
    documents(NODE_A).forEach(builder::add);
    documents(
            "{\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"%s\"}, \"data\": {\"%s\": \"{\"}}"
                .formatted("countersign-addresses-07", "entries"))
        .forEach(builder::add);
    assertThat(builder.errors())
        .singleElement()
        .satisfies(
            error -> assertThat(error.path()).startsWith("ConfigMap countersign-addresses-07"));
    Facts facts =
        factsAbout(builder.build(), Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults());
    assertThat(facts.node()).isInstanceOf(Fact.Known.class);
    assertThat(facts.holdings()).isInstanceOf(Fact.Unknown.class);
  }

  @Test
  void facts_aboutAnotherNode_knowThatItIsMissing() {
    Facts facts =
        factsAbout(
            read(NODE_A, SERVICES), Worlds.nodeName("node-z"), CLAIMS, PolicyConfig.defaults());

    assertThat(facts.node()).isEqualTo(Fact.known(Optional.empty()));
  }

  @Test
  void honestNode_isApproved() {
    assertThat(reasons(honest(), NODE_A, SERVICES)).isEmpty();
  }

  @Test
  void addressesOfTheCluster_areProtected() {
    for (String address : List.of("10.3.0.1", "10.3.0.9")) {
      assertThat(reasons(asking(address), node("node-a", "uid-a", address), SERVICES))
          .as(address)
          .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
    }
    for (String address : List.of("198.51.100.7", "198.51.100.8", "198.51.100.9")) {
      String own = node("node-a", "uid-a", address);
      assertThat(reasons(asking(address), own, SERVICES))
          .as("%s goes to no Node that does not hold it yet", address)
          .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
      assertThat(reasons(asking(address), own, SERVICES, held(address)))
          .as("%s is on record as the Node's", address)
          .isEmpty();
      assertThat(reasons(ignoringExternal(), asking(address), own, SERVICES))
          .as("%s may be a Node's by this policy", address)
          .isEmpty();
    }
    String cidr = "kind: ServiceCIDR\nmetadata: {name: k}\nspec: {cidrs: [10.4.0.0/16, x]}\n";
    assertThat(reasons(asking("10.4.7.7"), node("node-a", "u", "10.4.7.7"), SERVICES, cidr))
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
    assertThat(reasons(asking("10.5.7.7"), node("node-a", "u", "10.5.7.7"), SERVICES, cidr))
        .isEmpty();
  }

  @Test
  void rangesOfServices_areNotKnown_whereTheApiServerTellsNone() {
    String cidr = "kind: ServiceCIDR\nmetadata: {name: k}\nspec: {cidrs: [10.3.0.0/24]}\n";

    assertThat(rangesUnknown(List.of(NODE_A, SERVICES), Optional.of("not yours to list")))
        .contains("not yours to list");
    assertThat(rangesUnknown(List.of(NODE_A, SERVICES), Optional.empty()))
        .contains("the API server has no ServiceCIDR objects");
    assertThat(rangesUnknown(List.of(NODE_A, SERVICES, cidr), Optional.empty())).isEmpty();
    assertThat(
            known(
                    factsAbout(
                            read(NODE_A, SERVICES),
                            Worlds.nodeName("node-a"),
                            CLAIMS,
                            PolicyConfig.defaults())
                        .protectedSpace())
                .serviceRangesUnknown())
        .as("files may leave them out")
        .isEmpty();
  }

  private static Optional<String> rangesUnknown(List<String> texts, Optional<String> why) {
    ClusterObjects.Builder builder = ClusterObjects.builder();
    texts.forEach(text -> documents(text).forEach(builder::add));
    why.ifPresent(builder::noServiceRanges);
    return known(
            factsAbout(builder.build(), Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults())
                .protectedSpace())
        .serviceRangesUnknown()
        .map(ServiceRangesUnknown::why);
  }

  @Test
  void nameOfALoadBalancer_isProtected() {
    String more = "  - {type: ExternalDNS, address: web.example.com}\n";
    String pem = CsrForge.client("node-a").withDns("web.example.com").pem();

    assertThat(
            reasons(
                pem,
                node("node-a", "u", "192.0.2.10") + more,
                node("node-b", "v", "192.0.2.11") + more,
                SERVICES))
        .containsExactlyInAnyOrder(
            Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
  }

  @Test
  void namesOfPodsOfAHeadlessService_areProtected_thoseBelowAnotherAreNot() {
    String node =
        node("node-a", "uid-a", "192.0.2.10") + "  - {type: InternalDNS, address: db-0.db.prod}\n";
    String service = "kind: Service\nmetadata: {name: db, namespace: prod}\nspec: {%s}\n";
    String pem = CsrForge.client("node-a").withDns("db-0.db.prod").pem();

    for (String headless : List.of("clusterIP: None", "clusterIPs: [None]")) {
      assertThat(reasons(pem, node, service.formatted(headless)))
          .as(headless)
          .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
    }
    assertThat(reasons(pem, node, service.formatted("clusterIP: 10.3.0.7"))).isEmpty();
  }

  @Test
  void endpointsOfTheApiServer_areProtected_othersAreNot() {
    String slice =
        """
        kind: EndpointSlice
        metadata: {name: %s, namespace: %s}
        endpoints: [{addresses: [192.0.2.10]}]
        """;

    assertThat(reasons(honest(), NODE_A, SERVICES, slice.formatted("kubernetes", "default")))
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
    assertThat(reasons(honest(), NODE_A, SERVICES, slice.formatted("kubernetes", "shop")))
        .isEmpty();
    assertThat(reasons(honest(), NODE_A, SERVICES, slice.formatted("web", "default"))).isEmpty();
    assertThat(
            reasons(
                honest(),
                NODE_A,
                SERVICES,
                """
                kind: EndpointSlice
                metadata:
                  name: kubernetes-x7
                  namespace: default
                  labels: {kubernetes.io/service-name: kubernetes}
                endpoints: [{addresses: [192.0.2.10, x]}]
                """))
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
  }

  @Test
  void holdings_withoutRecords_areAsOnAFirstStart() {
    assertThat(holdings(NODE_A))
        .containsEntry(
            Worlds.ip("192.0.2.10"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
    assertThat(holdings(NODE_A, node("node-b", "uid-b", "192.0.2.10")))
        .containsEntry(
            Worlds.ip("192.0.2.10"),
            new AddressOwnership.Contested(
                List.of(Worlds.nodeName("node-a"), Worlds.nodeName("node-b"))))
        .containsEntry(
            Worlds.dns("node-a"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
    assertThat(holdings(node("node-a", "u", "192.0.2.99")))
        .containsEntry(Worlds.ip("192.0.2.10"), new AddressOwnership.Unclaimed());
  }

  @Test
  void holdings_withRecords_areAsRecorded() {
    NameOrAddress address = Worlds.ip("192.0.2.10");
    String record =
        """
        kind: ConfigMap
        metadata: {name: countersign-addresses-07}
        data:
          entries: "countersign.dev/ownership/v1\\nip\\t192.0.2.10\\theld FIRST_CLAIM node-b uid-b\\
            \\ 2026-11-22T01:00:00Z\\n"
        """;

    assertThat(holdings(NODE_A, record))
        .containsEntry(
            address,
            new AddressOwnership.HeldBy(
                Worlds.nodeName("node-b"), "uid-b", Instant.parse("2026-11-22T01:00:00Z")))
        .containsEntry(Worlds.dns("node-a"), new AddressOwnership.Unclaimed());
  }

  @Test
  void records_thatAreDamaged_areErrors() {
    assertThat(
            errors(
                """
                kind: ConfigMap
                metadata: {name: countersign-addresses-07}
                data: {entries: nonsense}
                """))
        .containsExactly(
            "ConfigMap countersign-addresses-07 line 1: got another header; want"
                + " countersign.dev/ownership/v1");
    assertThat(
            errors(
                """
                kind: ConfigMap
                metadata: {name: countersign-addresses-xx}
                data: {entries: nonsense}
                """))
        .hasSize(1);
    assertThat(errors("kind: ConfigMap\nmetadata: {name: countersign-addresses-07}\n")).isEmpty();
    assertThat(
            errors(
                """
                kind: ConfigMap
                metadata: {name: countersign-addresses-long}
                data: {entries: nonsense}
                """))
        .isEmpty();
    assertThat(errors("kind: ConfigMap\nmetadata: {name: other}\ndata: {entries: nonsense}\n"))
        .isEmpty();
  }

  @Test
  void knows_configMaps_byRecordsOfJoinsAlone() {
    String grant =
        """
        kind: ConfigMap
        metadata: {name: join-grant-abcdef, labels: {countersign.dev/record: join-grant}}
        """;

    assertThat(read(held("192.0.2.10")).knows("ConfigMap")).isFalse();
    assertThat(read("kind: ConfigMap\nmetadata: {name: other}\n").knows("ConfigMap")).isFalse();
    assertThat(read("kind: ConfigMapList\nitems: [{metadata: {name: other}}]\n").knows("ConfigMap"))
        .isFalse();
    assertThat(read(grant).knows("ConfigMap")).isTrue();
    assertThat(read("kind: ConfigMapList\nitems: []\n").knows("ConfigMap")).isTrue();
    assertThat(read(NODE_A).knows("Node")).isTrue();
    assertThat(read(NODE_A).knows("Lease")).isFalse();
  }

  private static String pending(String name, String created, String more) {
    return """
    kind: CertificateSigningRequest
    metadata: {name: %s, creationTimestamp: "2026-11-22T%sZ"}
    """
            .formatted(name, created)
        + (more.isEmpty()
            ? "spec: {username: system:node:node-a, signerName: kubernetes.io/kubelet-serving}\n"
            : more);
  }

  @Test
  void newerPending_countsUndecidedRequestsOfTheSameRequestorAndSigner() {
    String middle = pending("m", "01:00:00", "");
    ClusterObjects objects =
        read(
            middle,
            pending("older", "00:59:59", ""),
            pending("newer", "01:00:01", ""),
            pending("newer", "01:00:01", ""),
            pending("l-same-second", "01:00:00", ""),
            pending("n-same-second", "01:00:00", ""),
            pending(
                "other-node",
                "01:00:01",
                "spec: {username: system:node:node-b, signerName:"
                    + " kubernetes.io/kubelet-serving}\n"),
            pending("other-signer", "01:00:01", "spec: {username: system:node:node-a}\n"),
            pending("decided", "01:00:01", "")
                + "status: {conditions: [{type: Denied, status: \"True\"}]}\n",
            pending("issued", "01:00:01", "") + "status: {certificate: QQ==}\n");

    assertThat(objects.newerPending(objects.requests().getFirst())).isEqualTo(Fact.known(2));
    assertThat(objects.newerPending(objects.requests().get(2))).isEqualTo(Fact.known(0));
  }

  @Test
  void requests_areInTheOrderOfTheTexts_andAFactOnTheirOwnOnly() {
    ClusterObjects objects = read(pending("b", "01:00:00", ""), pending("a", "01:00:00", ""));

    assertThat(objects.requests()).extracting(CsrSpec::name).containsExactly("b", "a");
    Facts facts = factsAbout(objects, Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults());
    assertThat(List.of(facts.node(), facts.holdings(), facts.protectedSpace()))
        .noneMatch(Fact::isKnown);
  }

  /** What files tell in place of those who would be asked. */
  private static Facts given(PolicyConfig config, String... texts) {
    return given(
        config.withAccess(Optional.of(AccessAttributes.defaults())), asked("node-a"), texts);
  }

  private static Facts given(PolicyConfig config, Preflight.Open asked, String... texts) {
    ClusterObjects objects = read(texts);
    FactSource source = new ServingFactSource(objects, objects.lookUps());
    Facts facts = Facts.none();
    for (FactKind kind : List.of(FactKind.ACCESS, FactKind.INVENTORY, FactKind.RESOLUTION)) {
      facts = source.lookUp(kind, facts, asked, config);
    }
    return facts;
  }

  /** What node-a asks for by those DNS names. */
  private static Preflight.Open asked(String... names) {
    CsrForge forge = CsrForge.client("node-a");
    for (String name : names) {
      forge = forge.withDns(name);
    }
    return Policy.of(PolicyConfig.defaults()).takenApart(Requests.of(forge).csr()).orElseThrow();
  }

  private static PolicyConfig withInventory() {
    return PolicyConfig.defaults()
        .withInventory(
            Optional.of(
                new Inventory(
                    List.of(
                        InventorySource.Machines.ofClusterApi("machines"),
                        new InventorySource.File("cmdb", "x")),
                    Inventory.Combine.ALL,
                    false)));
  }

  @Test
  void given_withoutSuchObjects_nothingIsKnown() {
    Facts facts = given(withInventory(), NODE_A, SERVICES);
    assertThat(List.of(facts.access(), facts.resolution())).noneMatch(Fact::isKnown);
    assertThat(facts.inventory()).hasSize(2);
    assertThat(facts.inventory().values()).noneMatch(Fact::isKnown);
  }

  @Test
  void given_accessReview_isTheRequestorsOwn() {
    String review = "kind: SubjectAccessReview\nspec: {user: %s}\nstatus: {%s}\n";
    String own = "system:node:node-a";

    assertThat(given(PolicyConfig.defaults(), review.formatted(own, "allowed: true")).access())
        .isEqualTo(Fact.known(new AccessReview.Allowed()));
    assertThat(
            given(PolicyConfig.defaults(), review.formatted(own, "allowed: false, reason: no rule"))
                .access())
        .isEqualTo(Fact.known(new AccessReview.Refused("no rule")));
    assertThat(
            given(PolicyConfig.defaults(), review.formatted(own, "allowed: true, denied: true"))
                .access())
        .isEqualTo(Fact.known(new AccessReview.Refused("")));
    assertThat(given(PolicyConfig.defaults(), review.formatted(own, "")).access().isKnown())
        .isFalse();
    assertThat(
            given(PolicyConfig.defaults(), review.formatted("system:node:node-b", "allowed: true"))
                .access()
                .isKnown())
        .isFalse();
  }

  private static Map<DnsName, Resolution> resolved(String spec, String names, String... asked) {
    Facts facts =
        given(Given.policy(spec), asked(asked), "kind: Resolution\nnames: " + names + "\n");
    return ((Fact.Known<Map<DnsName, Resolution>>) facts.resolution()).value();
  }

  private static Resolution to(String... addresses) {
    return new Resolution.Addresses(
        Arrays.stream(addresses).map(Worlds::ip).collect(Collectors.toSet()));
  }

  @Test
  void given_resolution_hasAddressesOrNone() {
    assertThat(
            resolved(
                "mode: Enforce",
                "{Node-A.example.com: [192.0.2.10, \"2001:db8::10\"], gone.example.com: []}",
                "node-a.example.com",
                "gone.example.com",
                "absent.example.com"))
        .isEqualTo(
            Map.of(
                Worlds.dns("node-a.example.com"),
                to("192.0.2.10", "2001:db8::10"),
                Worlds.dns("gone.example.com"),
                new Resolution.None(),
                Worlds.dns("absent.example.com"),
                new Resolution.None()));
    assertThat(errors("kind: Resolution\nnames: {a.example.com: [192.0.2.10, nowhere]}\n"))
        .containsExactly("names.a.example.com: got \"nowhere\"; want IP addresses");
  }

  @Test
  void given_resolution_isSearchedInTheDomainsOfThePolicy() {
    String search = "names: {searchDomains: [a.test, b.test]}";

    assertThat(
            resolved(
                search,
                "{short.b.test: [192.0.2.1], short.a.test: [], short: [192.0.2.9],"
                    + " x.y: [192.0.2.2], x.y.a.test: [192.0.2.3], p.q.b.test: [192.0.2.4]}",
                "short",
                "x.y",
                "p.q"))
        .isEqualTo(
            Map.of(
                Worlds.dns("short"), to("192.0.2.1"),
                Worlds.dns("x.y"), to("192.0.2.2"),
                Worlds.dns("p.q"), to("192.0.2.4")));
    assertThat(resolved("mode: Enforce", "{short.b.test: [192.0.2.1]}", "short"))
        .isEqualTo(Map.of(Worlds.dns("short"), new Resolution.None()));
  }

  @Test
  void given_inventory_answersForEverySourceOfThePolicy() {
    String inventory =
        """
        apiVersion: countersign.dev/v1alpha1
        kind: Inventory
        nodes: {node-a: {names: [node-a.example.com]}}
        """;
    Fact<Optional<InventoryEntry>> answer =
        Fact.known(
            Optional.of(
                new InventoryEntry(Set.of(Worlds.dns("node-a.example.com")), Set.of(), List.of())));

    assertThat(given(withInventory(), inventory).inventory())
        .isEqualTo(Map.of("machines", answer, "cmdb", answer));
    assertThat(given(PolicyConfig.defaults(), inventory).inventory()).isEmpty();
    assertThat(errors(inventory.replace("node-a:", "NODE A:"))).hasSize(1);
  }

  @Test
  void podRanges_areProtected_whoeverClaimsAnAddressInThem() {
    String mine = node("node-a", "uid-a", "10.2.2.7");
    String other = node("node-b", "uid-b", "192.0.2.11").replace("10.2.1.0/24", "10.2.2.0/24");

    assertThat(reasons(asking("10.2.1.5"), node("node-a", "uid-a", "10.2.1.5"), SERVICES))
        .as("the Node's own Pod range")
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
    assertThat(reasons(asking("10.2.2.7"), mine, other, SERVICES))
        .as("another Node's Pod range, though this Node's status names an address in it")
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.ADDRESS_CLAIM_UNRECORDED);
  }

  /** The API server's address is that of the Node it runs on, if that is of the control plane. */
  @Test
  void holdings_ofTheApiServersAddress_areForNodesOfTheControlPlane() {
    String slice =
        """
        kind: EndpointSlice
        metadata: {name: kubernetes, namespace: default}
        endpoints: [{addresses: [192.0.2.10]}]
        """;
    String controlPlane = NODE_A.replace("zone: a", "node-role.kubernetes.io/control-plane: \"\"");
    String hostile = node("node-b", "uid-b", "192.0.2.10");

    assertThat(holdings(NODE_A, slice))
        .containsEntry(Worlds.ip("192.0.2.10"), new AddressOwnership.Unclaimed());
    assertThat(holdings(controlPlane, slice, hostile))
        .as("what another Node claims does not make it contested")
        .containsEntry(
            Worlds.ip("192.0.2.10"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
    assertThat(reasons(honest(), controlPlane, slice, hostile, SERVICES)).isEmpty();
  }

  /** Requests of a list are judged side by side; what each is judged by must not change by that. */
  @Test
  void facts_askedForAgain_areTheSame() {
    ClusterObjects objects = read(NODE_A, node("node-b", "uid-b", "192.0.2.11"), SERVICES);
    Facts first = factsAbout(objects, Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults());
    Facts second =
        factsAbout(objects, Worlds.nodeName("node-b"), Set.of(), PolicyConfig.defaults());

    assertThat(known(second.protectedSpace())).isSameAs(known(first.protectedSpace()));
    assertThat(factsAbout(objects, Worlds.nodeName("node-a"), CLAIMS, PolicyConfig.defaults()))
        .isEqualTo(first);
  }

  @Test
  void holdings_ofANodeOverTheLimit_areNone() {
    Limits limits = PolicyConfig.defaults().limits();
    PolicyConfig strict =
        PolicyConfig.defaults()
            .withLimits(
                new Limits(
                    limits.requestBytes(),
                    1,
                    limits.shortest(),
                    limits.longest(),
                    limits.pendingPerNode()));

    assertThat(
            known(factsAbout(read(NODE_A), Worlds.nodeName("node-a"), CLAIMS, strict).holdings()))
        .containsEntry(Worlds.ip("192.0.2.10"), new AddressOwnership.Unclaimed())
        .containsEntry(
            Worlds.dns("node-a"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
  }

  @Test
  void holdings_ofANodesName_areTheNodes() {
    String claimant =
        node("node-b", "uid-b", "192.0.2.11")
            .replace("Hostname, address: node-b", "Hostname, address: node-a");

    assertThat(holdings(NODE_A, claimant))
        .containsEntry(
            Worlds.dns("node-a"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
    assertThat(
            holdings(
                NODE_A.replace("Hostname, address: node-a", "Hostname, address: node-z"),
                node("node-b", "uid-b", "192.0.2.11")))
        .as("even while its status does not name it")
        .containsEntry(
            Worlds.dns("node-a"),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-a"), "uid-a", NODES_MADE));
  }
}
