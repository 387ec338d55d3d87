package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Addresses;
import dev.countersign.policy.config.DnsPattern;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.config.Requestors;
import dev.countersign.policy.rule.Rule;
import dev.countersign.x509.request.KeyAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApprovalPolicyFileTest {
  private static final String HEADER =
      "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\n";
  private static final Path EXAMPLE = Path.of("../examples/policies/everything.yaml");
  static final Schema SCHEMA = schema();

  private static Schema schema() {
    try {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Files.readString(Path.of("../docs/schema/approvalpolicy.schema.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PolicyConfig parsed(String text) {
    return switch (ApprovalPolicyFile.parse(text)) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case ParseResult.Refused<PolicyConfig> refused -> throw new AssertionError(refused.message());
    };
  }

  static List<String> errors(String text) {
    return switch (ApprovalPolicyFile.parse(text)) {
      case ParseResult.Parsed<PolicyConfig> _ -> List.of();
      case ParseResult.Refused<PolicyConfig>(List<ParseError> errors) ->
          errors.stream().map(error -> error.inLine(OptionalInt.empty()).message()).toList();
    };
  }

  private static List<String> specErrors(String spec) {
    return errors(HEADER + "spec:\n" + spec.indent(2));
  }

  /** Lines are of the field or, where it is left out, of what encloses it. */
  @Test
  void errors_haveTheirLines_inTheOrderOfTheFile() {
    String text =
        """
        kind: ApprovalPolicy
        spec:
          limits:
            names: 0
            name: 1
          rules:
          - {name: a}
          protected:
            ranges:
            - 10.0.0.0/8
            - 10.0.0.1/99
        """;
    assertThat(ApprovalPolicyFile.parse(text))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            refused ->
                assertThat(refused.message().lines().map(line -> line.replaceAll(":.*", "")))
                    .containsExactly(
                        "apiVersion (line 1)",
                        "spec.limits.names (line 4)",
                        "spec.limits.name (line 5)",
                        "spec.rules[0].expression (line 7)",
                        "spec.protected.ranges[1] (line 11)"));
    assertThat(
            ApprovalPolicyFile.parse("{\"kind\": \"ApprovalPolicy\",\n\"spec\": {\n\"mod\": 1}}"))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            refused ->
                assertThat(refused.message()).contains("spec.mod (line 3): got an unknown field"));
  }

  @Test
  void headerAlone_givesTheDefaults() {
    assertThat(parsed(HEADER)).isEqualTo(PolicyConfig.defaults());
    assertThat(parsed(HEADER + "spec: {}\nmetadata: {name: a}\n"))
        .isEqualTo(PolicyConfig.defaults());
    assertThat(parsed(HEADER + "spec:\n")).isEqualTo(PolicyConfig.defaults());
  }

  @Test
  void everyField_isMapped() throws IOException {
    PolicyConfig config = parsed(Files.readString(EXAMPLE));

    assertThat(config.mode()).isEqualTo(Mode.APPROVE_ONLY);
    assertThat(config.client()).isEqualTo(PolicyConfig.Client.STRICT);
    assertThat(config.requestors()).isEqualTo(new Requestors(Requestors.Others.DEFER));
    assertThat(config.limits())
        .isEqualTo(new Limits(8192, 20, Duration.ofHours(1), Duration.ofDays(30), Optional.of(5)));
    assertThat(config.keys())
        .isEqualTo(
            new Keys(
                Set.of(KeyAlgorithm.ECDSA, KeyAlgorithm.ED25519), Set.of("P-256"), 3072, 4096));
    assertThat(config.names())
        .isEqualTo(
            new Names(
                List.of(
                    new DnsPattern("worker-*.example.com"), new DnsPattern("**.nodes.example.com")),
                List.of(Worlds.dns("xn--nxasmq6b.example.com")),
                true,
                true,
                true,
                Names.Resolution.EXACT,
                Duration.ofMillis(500),
                Optional.of(List.of(Worlds.dns("nodes.example.com"))),
                List.of(Worlds.range("198.51.100.0/24"))));
    assertThat(config.addresses())
        .isEqualTo(
            new Addresses(
                List.of(Worlds.range("10.0.0.0/16"), Worlds.range("2001:db8::/32")),
                List.of(Worlds.range("169.254.1.0/24"), Worlds.range("fe80::1")),
                true));
    assertThat(config.guard())
        .isEqualTo(
            new Guard(
                List.of(Worlds.dns("cluster.local"), Worlds.dns("k8s.example.com")),
                List.of(Worlds.dns("vault.example.com")),
                List.of(Worlds.dns("internal.example.com")),
                List.of(Worlds.range("10.0.255.0/24")),
                false,
                Set.of(Worlds.nodeName("controller-1")),
                new Guard.ClusterCidrs(
                    List.of(Worlds.range("10.244.0.0/16"), Worlds.range("fd00:244::/56")),
                    List.of(Worlds.range("10.96.0.0/12")),
                    23,
                    80)));
    assertThat(config.ownership())
        .isEqualTo(
            new Ownership(
                true,
                Set.of(Worlds.dns("gateway.example.com")),
                List.of(Worlds.range("203.0.113.7")),
                Duration.ofMinutes(2),
                Ownership.SiblingNames.FIRST_CLAIM,
                new Ownership.PerNode(Optional.of(32_768), 20, Duration.ofSeconds(1))));
    assertThat(config.access())
        .contains(
            new AccessAttributes(
                "create",
                "certificates.k8s.io",
                "certificatesigningrequests",
                Optional.of("selfnodeserver")));
    assertThat(config.inventory())
        .contains(
            new Inventory(
                List.of(
                    new InventorySource.File("cmdb", "/etc/countersign/inventory.yaml"),
                    new InventorySource.ConfigMap("team", "kube-system", "nodes", "nodes.yaml"),
                    new InventorySource.Machines(
                        "machines",
                        "machine.openshift.io",
                        Optional.of("v1beta1"),
                        Optional.of("openshift-machine-api"),
                        Optional.of("machine.openshift.io/cluster-api-cluster=prod"),
                        Optional.of("/etc/countersign/management/kubeconfig"),
                        List.of(
                            new InventorySource.Bootstrapper(
                                "openshift-machine-config-operator",
                                "node-bootstrapper",
                                Duration.ofHours(1)))),
                    new InventorySource.Webhook(
                        "asset-service",
                        "https://assets.example.com/node",
                        "/etc/countersign/assets-ca.crt",
                        Optional.of("/etc/countersign/client.crt"),
                        Optional.of("/etc/countersign/client.key"),
                        Duration.ofSeconds(3))),
                Inventory.Combine.ANY,
                true,
                Inventory.OnMissing.RENEW));
    assertThat(config.renewal())
        .isEqualTo(
            new Renewal(
                Renewal.OnChange.NOTICE,
                false,
                10_260,
                new KubeletAuthority.ConfigMap(
                    "openshift-config-managed", "csr-controller-ca", "ca.crt")));
    assertThat(config.rules().rules()).extracting(Rule::name).containsExactly("zone");
    assertThat(config.rules().rules()).extracting(Rule::looksAtNode).containsExactly(true);
  }

  @Test
  void machines_areThoseOfClusterApiHere_unlessThePolicySaysOtherwise() {
    assertThat(
            parsed(HEADER + "spec: {inventory: {sources: [{name: a, machines: {}}]}}\n")
                .inventory())
        .contains(
            new Inventory(
                List.of(InventorySource.Machines.ofClusterApi("a")),
                Inventory.Combine.FIRST_MATCH,
                false,
                Inventory.OnMissing.DEFER));
  }

  @Test
  void kubeletCertificateAuthority_isTheApiServersUnlessThePolicySaysOtherwise() {
    assertThat(parsed(HEADER).renewal().authority()).isEqualTo(new KubeletAuthority.OfApiServer());
    String authority = HEADER + "spec: {renewal: {kubeletCertificateAuthority: {%s}}}\n";
    assertThat(parsed(authority.formatted("file: {path: /ca.crt}")).renewal().authority())
        .isEqualTo(new KubeletAuthority.File("/ca.crt"));
    assertThat(
            parsed(authority.formatted("configMap: {namespace: a, name: b}")).renewal().authority())
        .isEqualTo(new KubeletAuthority.ConfigMap("a", "b", "ca-bundle.crt"));
  }

  @Test
  void schema_acceptsWhatTheParserAccepts() throws IOException {
    for (String good :
        List.of(Files.readString(EXAMPLE), HEADER, HEADER + "spec: {mode: Audit}\n")) {
      assertThat(errors(good)).isEmpty();
      assertThat(SCHEMA.validate(good, InputFormat.YAML)).isEmpty();
    }
  }

  @Test
  void schema_andParser_refuseTheSameThings() {
    for (String spec :
        List.of(
            "mood: Enforce",
            "mode: Enforced",
            "mode: 1",
            "limits: []",
            "limits: {names: 0}",
            "limits: {names: 1.5}",
            "limits: {names: many}",
            "limits: {requestBytes: 511}",
            "limits: {expiration: {max: 1y}}",
            "limits: {expiration: {max: 60}}",
            "keys: {algorithms: [DSA]}",
            "keys: {algorithms: []}",
            "keys: {curves: [P-224]}",
            "keys: {rsaBits: {min: 1024}}",
            "names: {resolution: Maybe}",
            "names: {allowedPatterns: a}",
            "addresses: {ranges: [10.0.0.0/8]}",
            "addresses: {specialRanges: [127.0.0.1]}",
            "addresses: {specialRanges: ['::/0']}",
            "addresses: {allowAsDnsNames: perhaps}",
            "protected: {serviceExternalAddresses: true}",
            "protected: {podCIDRs: 10.244.0.0/16}",
            "protected: {nodeCIDRMaskSizeIPv4: 15}",
            "protected: {nodeCIDRMaskSizeIPv6: 129}",
            "ownership: {mode: Sometimes}",
            "subjectAccessReview: {mode: Perhaps}",
            "inventory: {}",
            "inventory: {sources: []}",
            "inventory: {sources: [{name: a}]}",
            "inventory: {sources: [{name: a, file: {path: x}, machines: {}}]}",
            "inventory: {sources: [{file: {path: x}}]}",
            "renewal: {kubeletCertificateAuthority: {}}",
            "renewal: {kubeletCertificateAuthority: {file: {}}}",
            "renewal: {kubeletCertificateAuthority: {file: {path: /a, x: 1}}}",
            "renewal: {kubeletCertificateAuthority: {file: {path: /a}, x: 1}}",
            "renewal: {kubeletCertificateAuthority: {configMap: {name: a}}}",
            "renewal: {kubeletCertificateAuthority: {configMap: {namespace: a}}}",
            "renewal: {kubeletCertificateAuthority: {configMap: {namespace: a, name: b, x: 1}}}",
            "renewal: {kubeletCertificateAuthority: {file: {path: /a},"
                + " configMap: {namespace: a, name: b}}}",
            "inventory: {onMissing: Approve, sources: [{name: a, machines: {}}]}",
            "inventory: {sources: [{name: a, machines: {group: machines}}]}",
            "inventory: {sources: [{name: a, machines: {group: Cluster.x-k8s.io}}]}",
            "inventory: {sources: [{name: a, machines: {version: beta}}]}",
            "inventory: {sources: [{name: a, machines: {kubeconfig: /k}}]}",
            "inventory: {sources: [{name: a, machines: {bootstrappers: [{namespace: b}]}}]}",
            "inventory: {sources: [{name: a, machines: {bootstrappers: [{serviceAccount: b}]}}]}",
            "inventory: {sources: [{name: a, machines: {bootstrappers: [{namespace: b,"
                + " serviceAccount: c, x: 1}]}}]}",
            "inventory: {sources: [{name: a, file: {}}]}",
            "inventory: {sources: [{name: a, webhook: {url: 'http://x', caFile: y}}]}",
            "inventory: {sources: [{name: a, webhook: {url: 'https://x', caFile: y,"
                + " clientKeyFile: z}}]}",
            "renewal: {onChange: Panic}",
            "renewal: {resolveContested: perhaps}",
            "renewal: {kubeletPort: 0}",
            "renewal: {kubeletPort: 65536}",
            "rules: [{name: a}]",
            "rules: [{name: a, expression: 'true', costLimit: 0}]")) {
      String text = HEADER + "spec:\n" + spec.indent(2);

      assertThat(errors(text)).as(spec).isNotEmpty();
      assertThat(SCHEMA.validate(text, InputFormat.YAML)).as(spec).isNotEmpty();
    }
  }

  @Test
  void parser_refusesWhatASchemaCannotSay() {
    assertThat(specErrors("limits: {expiration: {min: 2h, max: 1h}}"))
        .containsExactly("spec.limits.expiration.max: got 3600s; want at least min, 7200s");
    assertThat(specErrors("limits: {expiration: {min: 0s}}"))
        .containsExactly("spec.limits.expiration.min: got 0; want more than 0");
    assertThat(specErrors("keys: {rsaBits: {min: 4096, max: 3072}}"))
        .containsExactly("spec.keys.rsaBits.max: got 3072; want at least min, 4096");
    assertThat(specErrors("addresses: {allowedRanges: [10.0.0.0/33]}"))
        .containsExactly(
            "spec.addresses.allowedRanges[0]: got \"10.0.0.0/33\"; want an address or range such as"
                + " 10.0.0.0/8 or fd00::/8");
    assertThat(specErrors("names: {allowedPatterns: ['a..b']}")).hasSize(1);
    assertThat(specErrors("protected: {names: ['a b']}")).hasSize(1);
    assertThat(specErrors("protected: {controlPlaneNodes: [A]}")).hasSize(1);
    assertThat(specErrors("rules: [{name: a, expression: 'node.nme == \"\"'}]").getFirst())
        .contains("undefined field 'nme'");
    assertThat(specErrors("rules: [{name: a, expression: '1 + 1'}]"))
        .containsExactly("spec.rules[0].expression: got a result of type int; want bool");
    assertThat(specErrors("rules: [{name: a, expression: 'true'}, {name: a, expression: 'true'}]"))
        .containsExactly("spec.rules[1].name: got \"a\" again; want another name for each rule");
    assertThat(
            specErrors("inventory: {sources: [{name: a, machines: {}}, {name: a, machines: {}}]}"))
        .containsExactly(
            "spec.inventory.sources[1].name: got \"a\" again; want another name for each source");
    // As many names as sources that are of use, and one of them twice: it comes from a fuzzer.
    assertThat(
            specErrors(
                "inventory: {sources: [{name: a, machines: {}}, {name: a, machines: {}}, {name:"
                    + " b}]}"))
        .containsExactly(
            "spec.inventory.sources[1].name: got \"a\" again; want another name for each source",
            "spec.inventory.sources[2].file: got no kind; want one of [file, configMap, machines,"
                + " webhook]");
  }

  @Test
  void unknownField_isRefused_withWhatWasProbablyMeant() {
    assertThat(specErrors("mod: Audit").getFirst())
        .startsWith("spec.mod: got an unknown field; want one of [addresses, ")
        .endsWith("; did you mean \"mode\"?");
    assertThat(specErrors("limits: {name: 3}").getFirst()).endsWith("did you mean \"names\"?");
    assertThat(specErrors("names: {resolution: required}"))
        .containsExactly(
            "spec.names.resolution: got \"required\"; want one of [Off, Required, Exact]; did you"
                + " mean \"Required\"?");
    assertThat(specErrors("zzzzzzzzz: 1").getFirst()).doesNotContain("did you mean");
    assertThat(errors(HEADER + "specs: {}\n").getFirst()).endsWith("did you mean \"spec\"?");
  }

  @Test
  void allErrors_areListed() {
    assertThat(
            errors(
                """
                apiVersion: v1
                kind: Policy
                spec:
                  mode: X
                  limits: {names: 0, a: 1}
                  rules: 3
                """))
        .hasSize(6);
  }

  @Test
  void otherTexts_areRefused() {
    assertThat(errors("")).containsExactly("file: got 0 documents; want one document");
    assertThat(errors(HEADER + "---\n" + HEADER).getFirst()).contains("2 documents");
    assertThat(errors("[]").getFirst()).contains("got a list; want fields");
    assertThat(errors("kind: [").getFirst()).contains("want YAML or JSON");
    assertThat(errors(HEADER + "kind: ApprovalPolicy\n"))
        .containsExactly("kind: got the field a second time; want each field once");
    assertThat(errors("spec: {}\n"))
        .contains("apiVersion: got nothing; want countersign.dev/v1alpha1");
    assertThat(errors("[".repeat(1000))).isNotEmpty();
    assertThat(errors("\u0000")).isNotEmpty();
  }

  @Test
  void bareOff_meansOff_andPresenceMeansRequired() {
    assertThat(parsed(HEADER + "spec: {names: {resolution: Off}}\n").names().resolution())
        .isEqualTo(Names.Resolution.OFF);
    assertThat(parsed(HEADER + "spec: {ownership: {mode: Off}}\n").ownership().enforced())
        .isFalse();
    assertThat(parsed(HEADER + "spec: {subjectAccessReview: {}}\n").access())
        .contains(AccessAttributes.defaults());
    assertThat(parsed(HEADER + "spec: {subjectAccessReview: {mode: Off}}\n").access()).isEmpty();
  }

  @Test
  void formerWords_areRead_withAWarningEach() {
    String former =
        HEADER
            + """
            spec:
              mode: DryRun
              names: {allowInternationalized: [xn--nxasmq6b.example.com]}
              inventory: {combine: FirstThatKnows, sources: [{name: a, file: {path: a.yaml}}]}
              renewal: {onChange: Hold, settlesContest: false}
            """;
    String now =
        HEADER
            + """
            spec:
              mode: Audit
              names: {allowIDN: [xn--nxasmq6b.example.com]}
              inventory: {combine: FirstMatch, sources: [{name: a, file: {path: a.yaml}}]}
              renewal: {onChange: Defer, resolveContested: false}
            """;
    assertThat(parsed(former)).isEqualTo(parsed(now));
    String next = "; deprecated, and refused from the next release on; want ";
    assertThat(ApprovalPolicyFile.deprecations(former))
        .extracting(Object::toString)
        .containsExactly(
            "mode: got DryRun" + next + "Audit",
            "names.allowInternationalized: got its former name" + next + "names.allowIDN",
            "inventory.combine: got FirstThatKnows" + next + "FirstMatch",
            "renewal.onChange: got Hold" + next + "Defer",
            "renewal.settlesContest: got its former name" + next + "renewal.resolveContested");
    assertThat(ApprovalPolicyFile.deprecations(now)).isEmpty();
    assertThat(ApprovalPolicyFile.deprecations("- not a policy")).isEmpty();
    assertThat(specErrors("renewal: {settlesContest: false, resolveContested: true}"))
        .singleElement()
        .asString()
        .startsWith("spec.renewal.settlesContest: got an unknown field");
  }

  @Test
  void json_isReadAsWell() {
    assertThat(
            parsed(
                    "{\"apiVersion\":\"countersign.dev/v1alpha1\",\"kind\":\"ApprovalPolicy\","
                        + "\"spec\":{\"mode\":\"Audit\"}}")
                .mode())
        .isEqualTo(Mode.AUDIT);
  }

  @Test
  void numbers_reachTheirBounds() {
    PolicyConfig least =
        parsed(
            HEADER
                + "spec: {limits: {requestBytes: 512, names: 1, pendingPerNode: 1},"
                + " keys: {rsaBits: {min: 2048, max: 2048}}}\n");
    PolicyConfig most =
        parsed(
            HEADER
                + "spec: {limits: {requestBytes: 1000000, names: 10000},"
                + " keys: {rsaBits: {min: 16384, max: 16384}}}\n");

    assertThat(least.limits().requestBytes()).isEqualTo(512);
    assertThat(least.limits().names()).isEqualTo(1);
    assertThat(least.limits().pendingPerNode()).contains(1);
    assertThat(least.keys().rsaLongest()).isEqualTo(2048);
    assertThat(most.limits().requestBytes()).isEqualTo(1_000_000);
    assertThat(most.limits().names()).isEqualTo(10_000);
    assertThat(most.keys().rsaShortest()).isEqualTo(16384);
    assertThat(specErrors("limits: {requestBytes: 1000001}")).hasSize(1);
    assertThat(specErrors("limits: {names: 10001}")).hasSize(1);
  }

  @Test
  void resolutionTimeout_isAboveZero() {
    assertThat(specErrors("names: {resolutionTimeout: 0ms}"))
        .containsExactly("spec.names.resolutionTimeout: got 0; want more than 0");
  }

  @Test
  void equalBounds_areAccepted() {
    Limits limits = parsed(HEADER + "spec: {limits: {expiration: {min: 1h, max: 1h}}}\n").limits();

    assertThat(limits.shortest()).isEqualTo(Duration.ofHours(1));
    assertThat(limits.longest()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void unknownFields_areReportedInEveryObject() {
    for (String spec :
        List.of(
            "limits: {x: 1}",
            "limits: {expiration: {x: 1}}",
            "keys: {x: 1}",
            "keys: {rsaBits: {x: 1}}",
            "names: {x: 1}",
            "addresses: {x: 1}",
            "protected: {x: 1}",
            "ownership: {x: 1}",
            "subjectAccessReview: {x: 1}",
            "inventory: {x: 1, sources: [{name: a, machines: {}}]}",
            "inventory: {sources: [{name: a, machines: {}, x: 1}]}",
            "inventory: {sources: [{name: a, file: {path: b, x: 1}}]}",
            "inventory: {sources: [{name: a, configMap: {namespace: b, name: c, x: 1}}]}",
            "inventory: {sources: [{name: a, machines: {x: 1}}]}",
            "inventory: {sources: [{name: a, webhook: {url: 'https://b', caFile: c, x: 1}}]}",
            "renewal: {x: 1}",
            "rules: [{name: a, expression: 'true', x: 1}]")) {
      assertThat(specErrors(spec)).as(spec).hasSize(1);
      assertThat(specErrors(spec).getFirst()).contains("x: got an unknown field");
    }
  }

  @Test
  void errors_sayWhatIsMissing() {
    assertThat(specErrors("keys: {algorithms: []}"))
        .containsExactly(
            "spec.keys.algorithms: got none; want at least one of RSA, ECDSA, Ed25519");
    assertThat(specErrors("inventory: {sources: []}"))
        .containsExactly(
            "spec.inventory.sources: got none that can be used; want at least one source");
    assertThat(specErrors("inventory: {sources: [{name: a}]}"))
        .contains(
            "spec.inventory.sources[0].file: got no kind; want one of [file, configMap, machines,"
                + " webhook]");
    assertThat(specErrors("inventory: {sources: [{name: a, machines: {kubeconfig: /k}}]}"))
        .contains(
            "spec.inventory.sources[0].machines.namespace: got nothing; want a namespace or a"
                + " labelSelector, because a management cluster has the Machines of other clusters,"
                + " too");
    assertThat(specErrors("inventory: {sources: [{name: a, file: {path: x}, machines: {}}]}"))
        .anyMatch(error -> error.contains("got [file, machines]; want one of"));
    assertThat(
            specErrors("inventory: {sources: [{name: a, webhook: {url: 'http://x', caFile: y}}]}"))
        .contains(
            "spec.inventory.sources[0].webhook.url: got \"http://x\"; want an https:// address");
    for (String url : List.of("https://x:99999", "https://x_y", "https://u@x", "https://x/a b")) {
      assertThat(
              specErrors(
                  "inventory: {sources: [{name: a, webhook: {url: '" + url + "', caFile: y}}]}"))
          .contains(
              "spec.inventory.sources[0].webhook.url: got \""
                  + url
                  + "\"; want an https:// address");
    }
    assertThat(
            specErrors(
                "inventory: {sources: [{name: a, webhook: {url: 'https://x', caFile: y,"
                    + " clientKeyFile: z}}]}"))
        .contains(
            "spec.inventory.sources[0].webhook.clientCertificateFile: got nothing; want both"
                + " clientCertificateFile and clientKeyFile, or neither");
    assertThat(
            specErrors(
                "inventory: {sources: [{name: a, webhook: {url: 'https://x', caFile: y,"
                    + " clientCertificateFile: z}}]}"))
        .anyMatch(
            error ->
                error.startsWith("spec.inventory.sources[0].webhook.clientKeyFile: got nothing"));
    assertThat(errors(HEADER.replace("v1alpha1", "v2")))
        .containsExactly("apiVersion: got \"countersign.dev/v2\"; want countersign.dev/v1alpha1");
    assertThat(errors("apiVersion: countersign.dev/v1alpha1\n"))
        .containsExactly("kind: got nothing; want ApprovalPolicy");
  }

  @Test
  void objects_thatAreSomethingElse_areNamedByTheirPaths() {
    assertThat(errors("[]")).containsExactly("file: got a list; want fields");
    assertThat(specErrors("limits: 3")).containsExactly("spec.limits: got 3; want fields");
    assertThat(errors(HEADER + "metadata: a\n"))
        .containsExactly("metadata: got \"a\"; want fields");
  }

  @Test
  void unreadableText_isNamedByPlaceAndFirstLineOfTheReason() {
    String want = "; want YAML or JSON without duplicate fields or aliases";

    assertThat(errors("kind:\n  ["))
        .containsExactly("line 2 column 4: got while parsing a flow node" + want);
    assertThat(errors("a: 1\na: 2\n"))
        .containsExactly("a: got the field a second time; want each field once");
    assertThat(errors("\u0000"))
        .containsExactly("line 1 column 1: got special characters are not allowed" + want);
  }

  @Test
  void aliases_areRefused_insteadOfTakenForTheirNames() {
    String want = ": got an alias; want YAML or JSON without duplicate fields or aliases";

    assertThat(specErrors("protected: {names: [&a example.com]}")).isEmpty();
    assertThat(specErrors("protected: {names: [&a example.com], domains: [*a]}"))
        .containsExactly("line 4 column 52" + want);
    assertThat(errors("kind: &a b\napiVersion: *a\n")).containsExactly("line 2 column 15" + want);
    assertThat(errors("- &a b\n- *a\n")).containsExactly("line 2 column 5" + want);
    assertThat(errors("a: &a {}\n--- *a\n")).containsExactly("line 2 column 7" + want);
  }

  @Test
  void textOfMoreThanAMebibyte_isNotRead() {
    assertThat(errors("#".repeat(Documents.LONGEST_SETTINGS + 1)))
        .containsExactly("file: got 1048577 characters; want at most 1048576");
    assertThat(errors("#\n".repeat(Documents.LONGEST_SETTINGS / 2)))
        .containsExactly("file: got 0 documents; want one document");
  }

  @Test
  void refusal_saysEveryErrorOnALine_andHasOne() {
    ParseError error =
        new ParseError("a", OptionalInt.of(7), "1", "2", Optional.of("did you mean \"b\"?"));

    assertThat(new ParseResult.Refused<String>(List.of(error, error)).message())
        .isEqualTo(
            "a (line 7): got 1; want 2; did you mean \"b\"?\n"
                + "a (line 7): got 1; want 2; did you mean \"b\"?");
    assertThatThrownBy(() -> new ParseResult.Refused<String>(List.of()))
        .hasMessage("a refusal must say why");
  }
}
