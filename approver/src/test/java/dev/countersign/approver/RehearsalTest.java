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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static ApproverOptions real(PretendedApi api, Appendable log) {
    return ApproverOptions.defaults(new PretendedServer(api), log);
  }

  private static PolicyConfig policy(Names names, Optional<AccessAttributes> access) {
    PolicyConfig defaults = PolicyConfig.defaults();
    return new PolicyConfig(
        defaults.mode(),
        defaults.limits(),
        defaults.keys(),
        names,
        defaults.addresses(),
        defaults.guard(),
        defaults.ownership(),
        access,
        defaults.inventory(),
        defaults.renewal(),
        defaults.rules());
  }

  private static List<String> threadsOfApprovers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("decide") || name.equals("log") || name.startsWith("watch"))
        .toList();
  }

  @Test
  void run_decidesOnAll_andLeavesNoThreads() throws Exception {
    PretendedApi untouched = new PretendedApi(1);
    assertThat(Rehearsal.run(real(untouched, Writer.nullWriter()), () -> false)).isEqualTo(300);
    FakeCluster.await("no threads", () -> threadsOfApprovers().isEmpty());
  }

  @Test
  void run_endsBeforeTheNextBatch_whenCalledOff() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    int decided =
        Rehearsal.run(
            real(new PretendedApi(1), Writer.nullWriter()), () -> asked.incrementAndGet() > 2);
    assertThat(decided).isEqualTo(20);
  }

  @Test
  void run_asksForAccess_andNobodyOutside() throws Exception {
    Names resolved = new Names(List.of(), List.of(), Resolution.REQUIRED, Duration.ofSeconds(1));
    ApproverOptions options =
        real(new PretendedApi(1), Writer.nullWriter())
            // Nothing answers there, and without an answer a request would be held.
            .withResolver(NameResolver.of("127.0.0.1", 1))
            .withPolicy(policy(resolved, Optional.of(AccessAttributes.defaults())));
    AtomicInteger asked = new AtomicInteger();
    assertThat(Rehearsal.run(options, () -> asked.incrementAndGet() > 1)).isEqualTo(10);
  }

  @Test
  void approver_rehearsesOnceItsWorkIsDone_andTellsItsClusterNothing() throws Exception {
    PretendedApi cluster = new PretendedApi(5);
    cluster.ask(5);
    StringWriter log = new StringWriter();
    try (Approver _ = Approver.start(real(cluster, log).withRehearsal())) {
      assertThat(cluster.awaitVerdicts(5, PATIENCE)).isTrue();
      FakeCluster.await("a rehearsal", () -> log.toString().contains("rehearsed"));
      assertThat(log.toString()).contains("pretended_requests=300");
      assertThat(log.toString().lines().filter(line -> line.contains(" approved "))).hasSize(5);
      // It is the quicker for it, and works as before.
      cluster.ask(5);
      assertThat(cluster.awaitVerdicts(5, PATIENCE)).isTrue();
    }
    assertThat(cluster.awaitVerdicts(1, Duration.ZERO)).isFalse();
    assertThat(log.toString()).doesNotContain("ERROR").doesNotContain("WARN");
  }
}
