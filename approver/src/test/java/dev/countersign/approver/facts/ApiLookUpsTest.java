package dev.countersign.approver.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.approver.server.Surroundings;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.FixedClock;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked up for a request, what is not, and how often. */
class ApiLookUpsTest {
  private static final String REVIEW = "POST " + FakeCluster.ACCESS_REVIEWS;
  private static final CsrForge HONEST = CsrForge.serving("node-a");
  private static final PolicyConfig CACHED_ONLY =
      PolicyConfig.defaults().withOwnership(Surroundings.NO_RECORDS);
  private static final PolicyConfig WITH_ACCESS =
      CACHED_ONLY.withAccess(Optional.of(AccessAttributes.defaults()));

  @TempDir private Path directory;
  private final FixedClock clock = FixedClock.at("2026-11-22T10:00:00Z");
  private final StructuredLog log = new StructuredLog(new StringWriter(), LogFormat.TEXT, clock);
  private final ApproverMetrics metrics = new ApproverMetrics();
  private Surroundings around;

  @BeforeEach
  void begin() {
    around =
        new Surroundings(
            directory,
            new PendingRequests(SignerName.KUBELET_SERVING, 100, 100),
            metrics,
            log,
            clock);
  }

  @AfterEach
  void end() {
    around.close();
    log.close();
  }

  /** A Node, and all that is listed. */
  private void followNodeA() {
    around.cluster().node("node-a", "u", "192.0.2.10");
    around.follow();
  }

  private Facts gather(PolicyConfig config, CsrForge forge) throws IOException {
    CsrSpec csr = Surroundings.read(Surroundings.request("csr-1", forge, "")).view();
    Policy policy = Policy.of(config);
    return FactGatherer.facts(policy, policy.preflight(csr), around.source());
  }

  private Decision decide(PolicyConfig config, Facts facts) throws IOException {
    CsrSpec csr = Surroundings.read(Surroundings.request("csr-1", HONEST, "")).view();
    return Policy.of(config).decide(csr, facts);
  }

  private double lookups(String fact, String outcome) throws IOException {
    return Surroundings.value(
        metrics, "countersign_lookups_total{fact=\"%s\",outcome=\"%s\"}".formatted(fact, outcome));
  }

  @Test
  void gather_whereTheRequestAloneSettlesIt_looksNothingUp() throws IOException {
    followNodeA();
    around.cluster().grantAccess();
    assertThat(gather(WITH_ACCESS, HONEST.withEmail("root@example.com"))).isEqualTo(Facts.none());
    assertThat(around.cluster().seen(REVIEW)).isEmpty();
  }

  @Test
  void gather_whatIsKeptAnyway_costsNoCall_andSufficesForADecision() throws IOException {
    followNodeA();
    Facts facts = gather(CACHED_ONLY, HONEST);
    assertThat(facts.node().isKnown()).isTrue();
    assertThat(facts.protectedSpace().isKnown()).isTrue();
    assertThat(facts.access().isKnown()).isFalse();
    assertThat(decide(CACHED_ONLY, facts)).isInstanceOf(Decision.Approve.class);
    assertThat(around.cluster().seen("POST")).isEmpty();
  }

  @Test
  void gather_askedForAccess_asksOnce_andCountsIt() throws IOException {
    followNodeA();
    around.cluster().grantAccess();
    Facts facts = gather(WITH_ACCESS, HONEST);
    assertThat(facts.access()).isEqualTo(Fact.known(new AccessReview.Allowed()));
    assertThat(decide(WITH_ACCESS, facts)).isInstanceOf(Decision.Approve.class);
    assertThat(around.cluster().seen(REVIEW)).hasSize(1);
    assertThat(lookups("access", "known")).isEqualTo(1);
    assertThat(lookups("access", "unknown")).isZero();
  }

  /** A node without a Node object must not have the API server asked for each of its requests. */
  @Test
  void gather_heldByWhatIsKnown_costsNoCall() throws IOException {
    around.follow();
    around.cluster().grantAccess();
    Facts facts = gather(WITH_ACCESS, HONEST);
    assertThat(decide(WITH_ACCESS, facts)).isInstanceOf(Decision.Defer.class);
    assertThat(around.cluster().seen(REVIEW)).isEmpty();
    assertThat(lookups("access", "known") + lookups("access", "unknown")).isZero();
  }

  /** What stays unknown stays wanted: it is asked for once all the same, and holds the request. */
  @Test
  void gather_inVain_endsAfterOneTry() throws IOException {
    followNodeA();
    Facts facts = gather(WITH_ACCESS, HONEST);
    assertThat(facts.access().isKnown()).isFalse();
    assertThat(decide(WITH_ACCESS, facts)).isInstanceOf(Decision.Defer.class);
    assertThat(around.cluster().seen(REVIEW)).hasSize(1);
    assertThat(lookups("access", "unknown")).isEqualTo(1);
  }

  @Test
  void gather_severalInventories_countsEachAnswer() throws IOException {
    followNodeA();
    Path good = directory.resolve("good.yaml");
    Files.writeString(
        good,
        """
        apiVersion: countersign.dev/v1alpha1
        kind: Inventory
        nodes:
          node-a:
            names: [node-a]
            addresses: [192.0.2.10]
        """);
    List<InventorySource> sources =
        List.of(
            new InventorySource.File("good", good.toString()),
            new InventorySource.File("absent", directory.resolve("absent.yaml").toString()));
    PolicyConfig config =
        CACHED_ONLY.withInventory(
            Optional.of(new Inventory(sources, Inventory.Combine.FIRST_MATCH, false)));
    Facts facts = gather(config, HONEST);
    assertThat(facts.inventory())
        .hasEntrySatisfying("good", answer -> assertThat(answer.isKnown()).isTrue())
        .hasEntrySatisfying("absent", answer -> assertThat(answer.isKnown()).isFalse());
    assertThat(lookups("inventory", "known")).isEqualTo(1);
    assertThat(lookups("inventory", "unknown")).isEqualTo(1);
  }
}
