package dev.countersign.bench.storm;

import dev.countersign.bench.storm.Spent.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Many requests at once, decided on by the approver and by loops that look at nothing: one of our
 * own client, the quickest that we know how to write, and one of client-go.
 *
 * <p>A collection of the API server's garbage costs it as much as many hundred approvals, and comes
 * after so many bytes: in a few parts of a run only, which then look slow. So it is made to collect
 * just before each part, and no part pays for what others left.
 */
final class StormBench {
  private static final int LONG_STORM = 3000;
  private static final int ROUNDS = 7;
  private static final int WARM_STORMS = 3;

  /** Longer than a connection is kept that nobody uses. */
  private static final Duration REST = Duration.ofSeconds(40);

  /** A part of a round: how long it took, and what it cost whom. */
  private record Measured(double seconds, Spent spent) {}

  /** Parts of one kind, each with the loops just before and just after it. */
  private static final class Compared {
    private double took;
    private double loops;
    private double cpu;
    private int parts;

    void add(double part, double before, double after, double approver) {
      took += part;
      loops += (before + after) / 2;
      cpu += approver;
      parts++;
    }

    void add(Compared other) {
      took += other.took;
      loops += other.loops;
      cpu += other.cpu;
      parts += other.parts;
    }

    boolean isMeasured() {
      return parts > 0;
    }

    double ratio() {
      return loops / took;
    }

    double meanCpu() {
      return cpu / parts;
    }
  }

  private final Stage stage;
  private final int count;
  private final boolean access;
  private final Report report;
  private final List<String> arguments;
  private final Optional<UncheckedApprover> blind;
  private final Compared blinds = new Compared();
  private final Compared drains = new Compared();
  private final Compared first = new Compared();
  private final Compared rested = new Compared();
  private final Compared later = new Compared();
  private long resident;
  private boolean settled = true;

  /**
   * One on {@code stage}.
   *
   * @param access whether both ask for a SubjectAccessReview before each approval
   * @param blind the loop of client-go; empty where it could not be built
   */
  StormBench(Stage stage, int count, boolean access, Optional<UncheckedApprover> blind)
      throws IOException {
    this.blind = blind;
    this.stage = stage;
    this.count = count;
    this.access = access;
    this.report =
        new Report(
            "A storm of " + count + " requests" + (access ? ", with SubjectAccessReview" : ""),
            "bench/approver " + (access ? "access " : "storm ") + count,
            System.out);
    this.arguments = access ? stage.accessReview() : List.of();
  }

  /** Measures, and writes a page into {@code results}. */
  void run(Path results) throws Exception {
    stage.prepare(count, 0);
    // The first loops would show the benchmark's own warming up.
    for (int i = 0; i < 3; i++) {
      stage.loop(stage.create("warm" + i, Math.min(count, 1000)), access);
    }
    report.line(
        "Ratios are of times, to the mean of the loops just before and just after. Each part begins"
            + " when all that were approved before it are signed and the API server has just"
            + " collected its garbage. CPU is in seconds for 1,000 approvals, from the first to the"
            + " last.");
    report.line("");
    report.line(
        "| round | what | requests/s | of the loop | CPU: %s |",
        String.join(" | ", Spent.titles()));
    report.line("|---|---|---|---|%s", "---|".repeat(Spent.titles().size()));
    int rounds = count > LONG_STORM ? 1 : ROUNDS;
    for (int round = 1; round <= rounds; round++) {
      round(round);
      if (round < rounds) {
        stage.cluster().clean();
      }
    }
    Compared live = new Compared();
    live.add(first);
    live.add(rested);
    live.add(later);
    report.line("");
    report.line("| budget | result |");
    report.line("|---|---|");
    report.line("| running approver ≥ 0.9 of our own loop | %.2f |", live.ratio());
    report.line(
        "| of it, the first storm of a process, soon after its start | %.2f |", first.ratio());
    if (rested.isMeasured()) {
      report.line(
          "| of it, the first storm after %d seconds of rest | %.2f |",
          REST.toSeconds(), rested.ratio());
    }
    report.line("| of it, those after | %.2f |", later.ratio());
    report.line("| from process start ≥ 0.7 of our own loop | %.2f |", drains.ratio());
    if (blinds.isMeasured()) {
      report.line("| beside it: client-go's loop, of our own | %.2f |", blinds.ratio());
      report.line(
          "| running approver, of client-go's loop | %.2f |", live.ratio() / blinds.ratio());
      report.line(
          "| from process start, of client-go's loop | %.2f |", drains.ratio() / blinds.ratio());
    } else {
      report.line("| beside it: client-go's loop | not measured: no Go here to build it |");
    }
    report.line("| CPU ≤ 2 s for 1,000 approvals: first storm | %.2f s |", first.meanCpu());
    if (rested.isMeasured()) {
      report.line("| the same: first storm after the rest | %.2f s |", rested.meanCpu());
    }
    report.line("| the same: those after | %.2f s |", later.meanCpu());
    report.line("| resident after the storms | %d MiB |", resident);
    if (!settled) {
      report.line("");
      report.line(
          "The API server was not always seen to collect its garbage: some parts may pay for it.");
    }
    report.write(results.resolve((access ? "access-" : "storm-") + count + ".md"));
    stage.cluster().clean();
    stage.cluster().deleteNodes(0, count);
  }

  private void round(int round) throws Exception {
    Measured loop = loop(round, "a");
    if (blind.isPresent()) {
      Measured next = blind(round, blind.get());
      Measured after = loop(round, "d");
      row(round, "check-free loop of client-go, 32 at a time", next, loop, after, blinds);
      loop = after;
    }
    Measured drain = drain(round);
    Measured next = loop(round, "b");
    row(round, "waiting ones drained, process start included", drain, loop, next, drains);
    loop = next;
    int storms = 1 + (count > LONG_STORM ? 1 : WARM_STORMS);
    boolean rest = round % 2 == 0;
    try (ApproverProcess approver = stage.running("ready" + round, arguments)) {
      if (rest) {
        Thread.sleep(REST);
      }
      for (int storm = 1; storm <= storms; storm++) {
        Measured part = waiting(approver, "storm" + storm + "of" + round);
        resident = Math.max(resident, approver.residentMiB());
        // Stopped, or it would be quicker than the loop.
        approver.signal("STOP");
        next = loop(round, "c" + storm);
        Compared kind = storm > 1 ? later : rest ? rested : first;
        String what = "running approver, its storm number " + storm;
        row(round, kind == rested ? what + ", after a rest" : what, part, loop, next, kind);
        loop = next;
        // The watch brings it all that the loop did, and that is no part of the next storm.
        approver.signal("CONT");
        approver.awaitIdle();
      }
    }
  }

  private Measured measure(Optional<ApproverProcess> approver, Callable<Duration> part)
      throws Exception {
    Spent before = Spent.untilNow(approver);
    Duration took = part.call();
    return new Measured(Stage.seconds(took), Spent.untilNow(approver).since(before));
  }

  /** Creates the requests of a part, and lets the API server settle. */
  private Stage.Waiting create(String prefix) throws IOException, InterruptedException {
    Stage.Waiting waiting = stage.create(prefix, count);
    settled &= stage.cluster().collectGarbage();
    return waiting;
  }

  private Measured loop(int round, String which) throws Exception {
    Stage.Waiting waiting = create("loop" + which + "of" + round);
    Measured loop = measure(Optional.empty(), () -> stage.loop(waiting, access));
    report.line(
        "| %d | check-free loop of our own, 32 at a time | %.0f | 1.00 | %s |",
        round, count / loop.seconds(), loop.spent().cells(count));
    return loop;
  }

  private Measured blind(int round, UncheckedApprover loop) throws Exception {
    Stage.Waiting waiting = stage.create("blind" + round, count);
    try (UncheckedApprover.Started ready = loop.start(waiting, access)) {
      // Only now: what it read is garbage of the API server, which no other loop makes.
      settled &= stage.cluster().collectGarbage();
      Spent before = Spent.untilNow(Optional.empty());
      UncheckedApprover.Took took = ready.approve();
      Spent spent = Spent.untilNow(Optional.empty()).since(before);
      return new Measured(Stage.seconds(took.time()), spent.plus(Part.BENCHMARK, took.cpu()));
    }
  }

  private Measured waiting(ApproverProcess approver, String prefix) throws Exception {
    approver.signal("STOP");
    Stage.Waiting waiting = create(prefix);
    return measure(Optional.of(approver), () -> stage.goOn(approver, waiting));
  }

  private Measured drain(int round) throws Exception {
    Stage.Waiting waiting = create("drain" + round);
    Spent before = Spent.untilNow(Optional.empty());
    long started = System.nanoTime();
    try (ApproverProcess approver = stage.approver(arguments)) {
      Duration took = stage.untilApproved(waiting, started);
      return new Measured(Stage.seconds(took), Spent.untilNow(Optional.of(approver)).since(before));
    }
  }

  /** One part beside the loops just before and after, since a machine's speed wanders. */
  private void row(
      int round, String what, Measured part, Measured before, Measured after, Compared kind) {
    kind.add(
        part.seconds(),
        before.seconds(),
        after.seconds(),
        part.spent().perThousand(Part.APPROVER, count).orElse(Double.NaN));
    report.line(
        "| %d | %s | %.0f | %.2f | %s |",
        round,
        what,
        count / part.seconds(),
        (before.seconds() + after.seconds()) / 2 / part.seconds(),
        part.spent().cells(count));
  }
}
