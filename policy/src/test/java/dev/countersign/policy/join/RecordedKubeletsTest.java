package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the real kubelets of each release asked for, as KubeletRequestsIT recorded it. */
class RecordedKubeletsTest {
  private static final Path RECORDS = Path.of("src/test/resources/kubelets");

  /** What else a policy asks of a cluster. */
  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: kubernetes, namespace: default}
      spec: {clusterIP: 10.3.0.1, clusterIPs: [10.3.0.1]}
      """;

  static List<Path> records() throws IOException {
    try (Stream<Path> files = Files.list(RECORDS)) {
      return files.sorted().toList();
    }
  }

  private static ClusterObjects objects(Path record) throws IOException {
    return switch (ClusterObjects.parse(List.of(Files.readString(record), CLUSTER))) {
      case ParseResult.Parsed<ClusterObjects>(ClusterObjects objects) -> objects;
      case ParseResult.Refused<ClusterObjects> refused ->
          throw new AssertionError(refused.message());
    };
  }

  private static List<CsrSpec> requests(ClusterObjects objects, SignerName signer) {
    return objects.requests().stream().filter(csr -> csr.signer().equals(signer)).toList();
  }

  @ParameterizedTest
  @MethodSource("records")
  void servingRequest_isApproved(Path record) throws IOException {
    ClusterObjects objects = objects(record);
    assertThat(requests(objects, SignerName.KUBELET_SERVING))
        .hasSize(1)
        .allSatisfy(
            csr ->
                assertThat(
                        FactGatherer.decide(
                            Policy.of(PolicyConfig.defaults()),
                            csr,
                            new ServingFactSource(objects, objects.lookUps())))
                    .isInstanceOf(Decision.Approve.class));
  }

  /** The first with the token, the other with the certificate that the first one got. */
  @ParameterizedTest
  @MethodSource("records")
  void clientRequests_areApprovedInStrictJoin(Path record) throws IOException {
    ClusterObjects objects = objects(record);
    String name = objects.nodes().getFirst().name().toString();
    assertThat(requests(objects, SignerName.KUBELET_CLIENT))
        .hasSize(2)
        .allSatisfy(
            csr ->
                assertThat(
                        ClientPolicy.of(PolicyConfig.defaults(), JoinConfig.DEFAULT)
                            .decide(csr, facts(csr, name)))
                    .isInstanceOf(Decision.Approve.class));
  }

  private static JoinFacts facts(CsrSpec csr, String node) {
    String bootstrap = "system:bootstrap:";
    String sender = csr.requestor().username();
    TokenId token =
        TokenId.parse(
            sender.startsWith(bootstrap) ? sender.substring(bootstrap.length()) : "abcdef");
    return new JoinFacts(
        csr.created(),
        Fact.known(
            Optional.of(
                Grants.singleUse(
                    token, NodePattern.parse(node), csr.created().plus(Duration.ofHours(1))))),
        Fact.known(Optional.empty()),
        Fact.known(new NodePresence.Absent()),
        Fact.unknown("no inventory"),
        Fact.unknown("no attestation"),
        Fact.unknown("no Machines"));
  }
}
