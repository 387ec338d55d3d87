package dev.countersign.scenarios.facts;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.approver.config.PolicyFile;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy file in a mounted ConfigMap changes as the kubelet changes it: a link is swapped. */
@OnControlPlane
class PolicyReloadIT {
  private static final String HEADER =
      "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n";
  private static final String ELSEWHERE = HEADER + "  addresses: {allowedRanges: [192.0.2.0/24]}\n";
  private static final String BROKEN = HEADER + "  addresses: {allowedRanges: [everything]}\n";
  private static final String ANYWHERE = HEADER + "  addresses: {allowedRanges: [0.0.0.0/0]}\n";

  @TempDir private Path mount;
  private int version;

  @Test
  void swappedLink_isTaken_brokenVersionIsReportedAndTheOldStays(Cluster cluster) throws Exception {
    publish(ELSEWHERE);
    Files.createSymbolicLink(mount.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
    PolicyFile file = open(mount.resolve("policy.yaml"));
    StringWriter log = new StringWriter();
    try (ApproverManager approver =
            ApproverManager.start(
                ApproverOptions.defaults(cluster.credentials(), log).withPolicy(file.first()));
        SimulatedKubelet node = cluster.registeredNode()) {
      approver.follow(file, Duration.ofMillis(50));
      assertHeldByTheRange(send(cluster, node));

      publish(BROKEN);
      eventually("the report, and a line for its error", () -> reportsWhatIsBroken(log));
      assertHeldByTheRange(send(cluster, node));

      publish(ANYWHERE);
      eventually("the new version", () -> log.toString().contains("policy-taken"));
      assertThat(send(cluster, node)).isInstanceOf(TrialOutcome.Approved.class);
    }
  }

  /** A rule about the Node holds the request; the next version of the policy has no rule. */
  @Test
  void requestThatWaits_isDecidedAtOnce_whenThePolicyNoLongerHoldsIt(Cluster cluster)
      throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      publish(
          HEADER
              + "  rules:\n"
              + "    - {name: zone, expression: \"'zone' in node.labels\", message: the Node has no"
              + " zone}\n");
      Files.createSymbolicLink(mount.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
      PolicyFile file = open(mount.resolve("policy.yaml"));
      try (ApproverManager approver =
          ApproverManager.start(
              ApproverOptions.defaults(cluster.credentials(), new StringWriter())
                  .withPolicy(file.first())
                  .withResync(Duration.ofHours(1)))) {
        approver.follow(file, Duration.ofMillis(50));
        assertThat(send(cluster, node)).isInstanceOf(TrialOutcome.Deferred.class);

        publish(ANYWHERE);
        long began = System.nanoTime();
        eventually("the approval", () -> isApproved(cluster, node));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
      }
    }
  }

  private static boolean reportsWhatIsBroken(StringWriter log) {
    String lines = log.toString();
    return lines.contains("policy-refused")
        && lines.contains("spec.addresses.allowedRanges[0]")
        && lines.contains("everything");
  }

  private static void assertHeldByTheRange(TrialOutcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            TrialOutcome.Deferred.class,
            held -> assertThat(held.reason()).isEqualTo("IpOutsideAllowedRanges"));
  }

  private static boolean isApproved(Cluster cluster, SimulatedKubelet node) throws Exception {
    for (JsonNode request :
        cluster
            .operator()
            .get("/apis/certificates.k8s.io/v1/certificatesigningrequests")
            .orThrow("listing requests")
            .path("items")) {
      if (request.at("/spec/username").asText().equals("system:node:" + node.name())
          && request.at("/spec/signerName").asText().endsWith("kubelet-serving")
          && request.at("/status/conditions/0/type").asText().equals("Approved")) {
        return true;
      }
    }
    return false;
  }

  /**
   * A new directory with the content, and a link {@code ..data} to it that replaces the old one.
   */
  private void publish(String policy) throws IOException {
    Path content = Files.createDirectory(mount.resolve("..version-" + ++version));
    Files.writeString(content.resolve("policy.yaml"), policy);
    Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), content.getFileName());
    Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static PolicyFile open(Path path) {
    return PolicyFile.open(path).orThrow();
  }

  private static TrialOutcome send(Cluster cluster, SimulatedKubelet node) throws Exception {
    return cluster
        .trial(node)
        .send(
            CsrForge.client(node.name())
                .withDns(node.name())
                .withIp(node.address().getHostAddress())
                .pem(),
            CsrProbe.SERVING_USAGES,
            OptionalInt.empty());
  }
}
