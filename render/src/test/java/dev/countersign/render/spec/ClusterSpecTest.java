package dev.countersign.render.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.render.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterSpecTest {
  private static final String NODES =
      Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS);

  static List<String> problems(String yaml) {
    return switch (ClusterSpec.parse(yaml)) {
      case ParseResult.Parsed<ClusterSpec> valid -> List.of();
      case ParseResult.Refused<ClusterSpec>(List<ParseError> problems) ->
          problems.stream().map(ParseError::message).toList();
    };
  }

  @Test
  void defaults_areThoseOfTheReference() {
    ClusterSpec spec = Specs.parse(Specs.MINIMAL);
    assertThat(spec.podCidrs()).hasToString("[10.20.0.0/14]");
    assertThat(spec.serviceCidrs()).hasToString("[10.3.0.0/24]");
    assertThat(spec.clusterDnsServiceIps()).hasToString("[10.3.0.10]");
    assertThat(spec.externalApiserverPort()).isEqualTo(6443);
    assertThat(spec.serviceAccountIssuer())
        .isEqualTo("https://kubernetes.default.svc.cluster.local");
    assertThat(spec.enableAggregation()).isTrue();
    assertThat(spec.components()).containsExactlyInAnyOrder(Component.values());
    assertThat(spec.kubeletCertificateDuration()).hasHours(72);
  }

  @Test
  void starter_isValid() {
    assertThat(problems(StarterSpec.text())).isEmpty();
  }

  @Test
  void everyExample_isValidAndRenders() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../examples/clusters"))) {
      List<Path> specs = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      assertThat(specs).hasSizeGreaterThan(4);
      for (Path file : specs) {
        String yaml = Files.readString(file);
        assertThat(problems(yaml)).as("%s", file).isEmpty();
        assertThat(Specs.render(yaml).assets()).as("%s", file).hasSizeGreaterThan(40);
      }
    }
  }

  /** One change to a valid spec; exactly one problem, with its path, what was got and wanted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "clusterName: mercury|clusterNam: mercury|did you mean \"clusterName\"?|2",
        "clusterName: mercury|clusterName: Mercury|clusterName (line 3): got \"Mercury\"; want 1 to"
            + " 63 lower-case|1",
        "kind: ClusterSpec|kind: Cluster|kind (line 2): got \"Cluster\"; want ClusterSpec|1",
        "kind: ClusterSpec|kind: ClusterSpec\\n"
            + "podCidr: 10.20.0.1/14|did you mean \"10.20.0.0/14\"?|1",
        "kind: ClusterSpec|kind: ClusterSpec\\npodCidr: 10.3.0.0/16|serviceCidr (line 1): got"
            + " 10.3.0.0/24; want no address of podCidr 10.3.0.0/16|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nserviceCidr: 10.3.0.0/29|room for cluster DNS at the"
            + " 10th address, so at most /28|1",
        "kind: ClusterSpec|kind: ClusterSpec\\npodCidr: 10.20.0.0/24|room for more than one node's"
            + " /24|1",
        "kind: ClusterSpec|kind: ClusterSpec\\npodCidr: [10.20.0.0/14, \"fd00::/48\"]|want the"
            + " families of podCidr in the same order|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nserviceCidr: 10.3.0.0/24\\nserviceCidr:"
            + " 10.4.0.0/24|got the field a second time; want each field once|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nnetworking: cilium|countersign renders no cilium"
            + " manifests|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nnetworking: flanel|did you mean \"flannel\"?|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nenableAggregation: yes|want true or false|1",
        "kind: ClusterSpec|kind: ClusterSpec\\n"
            + "externalApiserverPort: 70000|a whole number from 1 to 65535|1",
        "kind: ClusterSpec|kind: ClusterSpec\\n"
            + "containerImages: {coredns: coredns}|want an image with its registry|1",
        "kind: ClusterSpec|kind: ClusterSpec\\nserviceAccountIssuer: http://a|an https URL|1",
        "kind: ClusterSpec|kind: ClusterSpec\\n"
            + "pki: {keyAlgorithm: rsa2048}|did you mean \"rsa-2048\"?|1",
        "kind: ClusterSpec|kind: ClusterSpec\\npki: {validity: {certificate: 1y}}|want a duration"
            + " above zero|1",
        "kind: ClusterSpec|kind: ClusterSpec\\n"
            + "bootstrapToken: {extraGroups: ['system:masters']}|want a group such as"
            + " system:bootstrappers:workers|1",
        "192.0.2.5]|10.3.0.1]|want an address outside of the pod and service range 10.3.0.0/24|1",
        "192.0.2.5]|10.0.0.300]|apiServers[1] (line 4): got \"10.0.0.300\"|1",
        "192.0.2.5]|mercury.example.com]|the first is apiServers[0]|1",
        "platform: bare-metal|platform: gcp|nodes.platform (line 7): got \"gcp\"; want one of|1",
        "os: fedora-coreos|os: flatcar|did you mean \"flatcar-linux\"?|1",
        "domain: node1.example.com|labels: []|nodes.controllers[0].domain (line 12): got nothing|1",
        "name: pool|name: node1|got \"node1\" as in nodes.controllers[0].name; want another one|1",
        "role=edge|node-role.kubernetes.io/edge=|want a label that a kubelet may set on its own"
            + " Node|1",
        "edge=yes:NoSchedule|edge=yes:Never|want key=value:Effect|1",
        "etcdServers: [node1.example.com]|etcdServers: [node1.example.com,"
            + " node2.example.com]|controllers[1] does not exist|1",
      })
  void oneFault_isOneProblem(String valid, String fault, String message, int count) {
    assertThat(NODES).contains(valid);
    List<String> problems = problems(NODES.replace(valid, fault.replace("\\n", "\n")));
    assertThat(problems).hasSize(count).anyMatch(problem -> problem.contains(message));
  }

  @Test
  void controllerBeyondTheEtcdServers_isSaidByItsIndex() {
    String more =
        NODES.replace("  workers:", "  - {name: node2, domain: n2.example.com}\n  workers:");
    assertThat(problems(more))
        .singleElement()
        .asString()
        .contains("got controllers[1]")
        .contains("etcdServers[1] does not exist");
  }

  @Test
  void everyProblem_isReportedAtOnceInTheOrderOfTheDocument() {
    String yaml =
        """
        apiVersion: v0
        kind: ClusterSpec
        clusterName: UPPER
        apiServers: []
        etcdServers: [a b]
        unknown: 1
        """;
    assertThat(problems(yaml))
        .satisfiesExactly(
            problem -> assertThat(problem).startsWith("apiVersion (line 1)"),
            problem -> assertThat(problem).startsWith("clusterName (line 3)"),
            problem -> assertThat(problem).startsWith("apiServers (line 4)"),
            problem -> assertThat(problem).startsWith("etcdServers[0] (line 5)"),
            problem -> assertThat(problem).startsWith("unknown (line 6)"));
  }

  @Test
  void attackerText_isEscapedAndCut() {
    String yaml = Specs.MINIMAL.replace("mercury\n", "\"\\e[31m" + "x".repeat(300) + "\"\n");
    assertThat(problems(yaml))
        .singleElement()
        .asString()
        .contains("\\u001b[31m")
        .doesNotContain("\u001b")
        .hasSizeLessThan(500);
  }

  @Test
  void brokenYaml_isOneProblemWithItsLine() {
    assertThat(problems("a: [1\nb: 2\n")).singleElement().asString().contains("line 2 ");
    assertThat(problems("")).singleElement().asString().contains("render --init");
    assertThat(problems("a: &x [1]\nb: [*x, *x]\n")).isNotEmpty();
  }

  @Test
  void specOfMoreThanAMebibyte_isNotRead() {
    assertThat(problems("#\n".repeat(512 * 1024) + "#"))
        .singleElement()
        .asString()
        .isEqualTo("file: got 1048577 characters; want at most 1048576");
    assertThat(problems("#\n".repeat(512 * 1024)))
        .singleElement()
        .asString()
        .contains("an empty document");
  }
}
