package dev.countersign.approver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.approver.rehearsal.PretendedApi;
import dev.countersign.approver.rehearsal.PretendedServer;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyConfig.AccessAttributes;
import dev.countersign.policy.config.PolicyConfig.Names;
import dev.countersign.policy.config.PolicyConfig.Resolution;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What the real cluster is told. */
  private final Queue<String> real = new ConcurrentLinkedQueue<>();

  /** What the pretended one is told. */
  private final Queue<String> pretended = new ConcurrentLinkedQueue<>();

  private final PretendedApi cluster = new PretendedApi(5, real::add);

  private ApproverOptions options(Appendable log) {
    return ApproverOptions.defaults(new PretendedServer(cluster), log);
  }

  private PretendedApi rehearsed() {
    return new PretendedApi(10, pretended::add);
  }

  private static PolicyConfig policy(Names names, Optional<AccessAttributes> access) {
    return PolicyConfig.defaults().withNames(names).withAccess(access);
  }

  private static List<String> threadsOfApprovers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(
            name ->
                name.startsWith("decide")
                    || name.startsWith("watch")
                    || name.equals("log")
                    || name.equals("deadlines"))
        .toList();
  }

  private static long approvals(Queue<String> writes) {
    return writes.stream().filter(target -> target.endsWith("/approval")).count();
  }

  @Test
  void run_decidesOnAll_andLeavesNoThreads() throws Exception {
    int decided = Rehearsal.run(options(Writer.nullWriter()), 0, () -> false, rehearsed());
    assertThat(decided).isEqualTo(Rehearsal.LENGTH).isEqualTo(approvals(pretended));
    assertThat(real).isEmpty();
    FakeCluster.await("no threads", () -> threadsOfApprovers().isEmpty());
  }

  @Test
  void run_endsBeforeTheNextBatch_whenCalledOff_andGoesOnLater() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ApproverOptions options = options(Writer.nullWriter());
    int decided = Rehearsal.run(options, 0, () -> asked.incrementAndGet() > 2, rehearsed());
    assertThat(decided).isEqualTo(20).isEqualTo(approvals(pretended));
    assertThat(Rehearsal.run(options, decided, () -> false, rehearsed()))
        .isEqualTo(Rehearsal.LENGTH)
        .isEqualTo(approvals(pretended));
  }

  @Test
  void run_asksForAccess_andNobodyOutside() throws Exception {
    Names resolved = new Names(List.of(), List.of(), Resolution.REQUIRED, Duration.ofSeconds(1));
    ApproverOptions options =
        options(Writer.nullWriter())
            // Nothing answers there, and without an answer a request would be held.
            .withResolver(NameResolver.of("127.0.0.1", 1))
            .withPolicy(policy(resolved, Optional.of(AccessAttributes.defaults())));
    AtomicInteger asked = new AtomicInteger();
    int decided = Rehearsal.run(options, 0, () -> asked.incrementAndGet() > 1, rehearsed());
    assertThat(decided).isEqualTo(10);
    assertThat(pretended).filteredOn(target -> target.endsWith("subjectaccessreviews")).hasSize(10);
  }

  @Test
  void approver_rehearsesOnceItsWorkIsDone_andTellsItsClusterNothing() throws Exception {
    cluster.ask(5);
    StringWriter log = new StringWriter();
    try (Approver _ = Approver.start(options(log).withRehearsal())) {
      assertThat(cluster.awaitVerdicts(5, PATIENCE)).isTrue();
      FakeCluster.await("a rehearsal", () -> log.toString().contains(" rehearsed "));
      assertThat(log.toString()).contains("pretended_requests=300 connections=32 ");
      assertThat(log.toString().lines().filter(line -> line.contains(" approved "))).hasSize(5);
      assertThat(approvals(real)).isEqualTo(5);
      // The rest are records of addresses, of five Nodes' claims.
      assertThat(real).allMatch(it -> it.endsWith("/approval") || it.contains("/configmaps"));
      assertThat(real).hasSizeLessThan(50);
      cluster.ask(5);
      assertThat(cluster.awaitVerdicts(5, PATIENCE)).isTrue();
      assertThat(approvals(real)).isEqualTo(10);
    }
    assertThat(log.toString()).doesNotContain("ERROR").doesNotContain("WARN");
  }

  @Test
  void approver_withRequestsThatKeepComing_rehearsesOnlyAfterThem() throws Exception {
    StringWriter log = new StringWriter();
    try (Approver _ = Approver.start(options(log).withRehearsal())) {
      for (int i = 0; i < 20; i++) {
        cluster.ask(1);
        assertThat(cluster.awaitVerdicts(1, PATIENCE)).isTrue();
        Thread.sleep(200);
      }
      assertThat(log.toString()).doesNotContain("rehears");
      FakeCluster.await("a rehearsal", () -> log.toString().contains(" rehearsed "));
    }
  }
}
