package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.request.CsrSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that people really make, as the objects of their clusters, judged offline. */
class CasesTest {
  private static String text(String name) throws IOException {
    try (InputStream in = CasesTest.class.getResourceAsStream("/cases/" + name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static <T> T read(ParseResult<T> parse) {
    return switch (parse) {
      case ParseResult.Parsed<T>(T value) -> value;
      case ParseResult.Refused<T> refused -> throw new AssertionError(refused.message());
    };
  }

  private static PolicyConfig policyOf(String directory) throws IOException {
    return read(ApprovalPolicyFile.parse(text(directory + "/policy.yaml")));
  }

  private static Decision decide(String directory, PolicyConfig config) throws IOException {
    ClusterObjects objects = read(ClusterObjects.parse(List.of(text(directory + "/facts.json"))));
    CsrSpec csr =
        read(ClusterObjects.parse(List.of(text(directory + "/request.json"))))
            .requests()
            .getFirst();
    return FactGatherer.decide(
        Policy.of(config), csr, new ServingFactSource(objects, objects.lookUps()));
  }

  @Test
  void resolution_doesNotBelieveANodesOwnStatus() throws IOException {
    String directory = "01-resolution-believes-own-status";

    Decision decision = decide(directory, policyOf(directory));

    assertThat(decision).isInstanceOf(Decision.Defer.class);
    assertThat(Given.reasons(decision)).containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void requestsOfNoKubelet_areLeftAlone() throws IOException {
    for (String directory : List.of("02-request-of-no-kubelet", "03-operator-of-a-database")) {
      assertThat(decide(directory, PolicyConfig.defaults()))
          .isEqualTo(new Decision.Ignore(Decision.Ground.OTHER_REQUESTOR));
    }
  }

  @Test
  void rsaKey_needsNoKeyEncipherment() throws IOException {
    assertThat(decide("04-rsa-without-key-encipherment", PolicyConfig.defaults()))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void shortName_isFoundInTheSearchDomain() throws IOException {
    String directory = "05-short-name-and-search-domain";

    assertThat(Given.reasons(decide(directory, policyOf(directory))))
        .containsExactly(Reason.DNS_UNRESOLVED);
    assertThat(
            decide(
                directory,
                Given.policy("names: {resolution: Required, searchDomains: [int.example.test]}")))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void secondInterface_isInTheRangesOfThePolicy() throws IOException {
    String directory = "06-second-interface";

    assertThat(Given.reasons(decide(directory, policyOf(directory))))
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
    assertThat(
            decide(
                directory,
                Given.policy(
                    "names: {resolution: Required, additionalAddressRanges:"
                        + " [198.51.100.0/24]}")))
        .isInstanceOf(Decision.Approve.class);
  }
}
