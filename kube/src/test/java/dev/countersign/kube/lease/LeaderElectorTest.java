package dev.countersign.kube.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.FakeApiServer;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.testkit.FixedClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two candidates, each with clocks of its own, before a server that keeps one Lease. */
class LeaderElectorTest {
  private static final Duration DURATION = Duration.ofSeconds(15);
  private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";

  /** What the server does with the next request that writes. */
  private enum Fault {
    NONE,
    ANSWERS_500,
    ANSWERS_403,
    STORES_AND_HANGS_UP
  }

  /** A candidate whose steps the test takes. */
  private final class Candidate implements LeaderElector.Listener, AutoCloseable {
    private final FixedClock wall;
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
    private final List<String> diary = new ArrayList<>();
    private final ApiClient client = server.client();
    private final LeaderElector elector;
    private volatile Runnable whenElected = () -> {};

    Candidate(String identity, String wallClock) {
      wall = FixedClock.at(wallClock);
      elector =
          new LeaderElector(
              client,
              "ns",
              "lease",
              identity,
              DURATION,
              wall,
              new Random(1),
              this,
              nanos::getAndIncrement);
    }

    void step() {
      elector.step();
    }

    void pass(double seconds) {
      long by = Math.round(seconds * 1e9);
      nanos.addAndGet(by);
      wall.advance(Duration.ofNanos(by));
    }

    @Override
    public void elected() {
      diary.add("elected");
      whenElected.run();
    }

    @Override
    public void deposed(String why) {
      diary.add("deposed: " + why);
    }

    @Override
    public void follows(String leader) {
      diary.add("follows " + leader);
    }

    @Override
    public void troubled(String why) {
      diary.add("troubled: " + why);
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private final Object lock = new Object();
  private LeaseObject stored = new LeaseObject("", "", 0, "", "", 0);
  private boolean exists;
  private Fault fault = Fault.NONE;
  private Runnable beforeWrite = () -> {};
  private int version = 100;
  private final FakeApiServer server = FakeApiServer.start(this::answer);
  private final Candidate a = new Candidate("a", "2026-11-22T10:00:00Z");
  // Its clock is an hour behind: every renewTime of the other lies in its future.
  private final Candidate b = new Candidate("b", "2026-11-22T09:00:00Z");

  @AfterEach
  void close() {
    a.close();
    b.close();
    server.close();
  }

  private boolean answer(int number, String request, OutputStream out) throws IOException {
    synchronized (lock) {
      String method = request.substring(0, request.indexOf(' '));
      boolean writes = !method.equals("GET");
      Fault now = writes ? fault : Fault.NONE;
      if (writes) {
        fault = Fault.NONE;
        beforeWrite.run();
        beforeWrite = () -> {};
      }
      switch (now) {
        case ANSWERS_500 -> {
          FakeApiServer.json(out, 500, status("InternalError"));
          return true;
        }
        case ANSWERS_403 -> {
          FakeApiServer.json(out, 403, status("Forbidden"));
          return true;
        }
        case NONE, STORES_AND_HANGS_UP -> {}
      }
      String expected = method.equals("POST") ? LEASES : LEASES + "/lease";
      assertThat(request).startsWith(method + " " + expected + " HTTP/1.1");
      if (!writes) {
        FakeApiServer.json(out, exists ? 200 : 404, exists ? text() : status("NotFound"));
        return true;
      }
      LeaseObject wanted = read(request.substring(request.indexOf("\r\n\r\n") + 4));
      if (method.equals("POST") && exists) {
        FakeApiServer.json(out, 409, status("AlreadyExists"));
      } else if (method.equals("PUT") && !exists) {
        FakeApiServer.json(out, 404, status("NotFound"));
      } else if (method.equals("PUT")
          && !wanted.resourceVersion().equals(stored.resourceVersion())) {
        FakeApiServer.json(out, 409, status("Conflict"));
      } else {
        store(wanted);
        if (now == Fault.STORES_AND_HANGS_UP) {
          return false;
        }
        FakeApiServer.json(out, 200, text());
      }
      return true;
    }
  }

  private static String status(String reason) {
    return "{\"kind\":\"Status\",\"reason\":\"" + reason + "\",\"message\":\"no\"}";
  }

  private static LeaseObject read(String json) throws IOException {
    return JsonReading.one(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), LeaseObject::decode);
  }

  private void store(LeaseObject wanted) {
    exists = true;
    version++;
    stored =
        new LeaseObject(
            Integer.toString(version),
            wanted.holder(),
            wanted.durationSeconds(),
            wanted.renewTime(),
            wanted.acquireTime(),
            wanted.transitions());
  }

  private String text() {
    return """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
     "metadata":{"name":"lease","resourceVersion":"%s"},
     "spec":{"holderIdentity":%s,"leaseDurationSeconds":%d,"renewTime":"%s",
             "acquireTime":"%s","leaseTransitions":%d}}
    """
        .formatted(
            stored.resourceVersion(),
            stored.holder().isEmpty() ? "null" : '"' + stored.holder() + '"',
            stored.durationSeconds(),
            stored.renewTime(),
            stored.acquireTime(),
            stored.transitions());
  }

  private void next(Fault what) {
    synchronized (lock) {
      fault = what;
    }
  }

  private void beforeNextWrite(Runnable what) {
    synchronized (lock) {
      beforeWrite = what;
    }
  }

  private LeaseObject lease() {
    synchronized (lock) {
      return stored;
    }
  }

  /** Someone else, or an operator, writes the Lease. */
  private void rewrite(String holder, String renewTime) {
    synchronized (lock) {
      store(new LeaseObject("", holder, 15, renewTime, renewTime, 7));
    }
  }

  private void removeLease() {
    synchronized (lock) {
      exists = false;
    }
  }

  private int writes() {
    return (int) server.seen().stream().filter(request -> !request.startsWith("GET")).count();
  }

  @Test
  void step_noLease_isCreatedAndHeld() {
    a.step();

    assertThat(a.diary).containsExactly("elected");
    assertThat(a.elector.leads()).isTrue();
    assertThat(a.elector.leaderKnown()).isTrue();
    assertThat(lease())
        .isEqualTo(
            new LeaseObject(
                "101", "a", 15, "2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.000000Z", 0));
  }

  @Test
  void step_leading_renewsWithTheVersionRead_andKeepsWhenItWasAcquired() {
    a.step();
    a.pass(3);
    a.step();

    assertThat(lease())
        .isEqualTo(
            new LeaseObject(
                "102", "a", 15, "2026-11-22T10:00:03.000000Z", "2026-11-22T10:00:00.000000Z", 0));
    assertThat(a.diary).containsExactly("elected");
  }

  @Test
  void step_heldByAnother_isFollowed_andSaidOnce() {
    a.step();
    assertThat(b.elector.leaderKnown()).isFalse();
    b.step();
    b.step();

    assertThat(b.diary).containsExactly("follows a");
    assertThat(b.elector.leads()).isFalse();
    assertThat(b.elector.leaderKnown()).isTrue();
    assertThat(writes()).isEqualTo(1);
  }

  /** The time stamps say that it ran out years ago; what counts is how long we have seen it so. */
  @Test
  void step_renewTimeLongPast_isNotTakenBeforeItWasSeenUnchangedForTheWholeDuration() {
    rewrite("a", "2020-01-01T00:00:00.000000Z");
    b.step();
    b.pass(14.9);
    b.step();
    assertThat(b.diary).containsExactly("follows a");
    assertThat(lease().holder()).isEqualTo("a");

    b.pass(0.2);
    b.step();
    assertThat(b.diary).containsExactly("follows a", "elected");
    assertThat(lease().holder()).isEqualTo("b");
    assertThat(lease().transitions()).isEqualTo(8);
  }

  /** A leader whose clock is far ahead must not keep the Lease for that long once it is dead. */
  @Test
  void step_renewTimeInTheFuture_isTakenOnceSeenUnchangedForTheDuration() {
    rewrite("a", "2099-01-01T00:00:00.000000Z");
    b.step();
    b.pass(15.1);
    b.step();
    assertThat(b.elector.leads()).isTrue();
    assertThat(lease().holder()).isEqualTo("b");
  }

  @Test
  void step_renewedWhileWatched_startsTheWaitAnew() {
    a.step();
    b.step();
    for (int i = 0; i < 10; i++) {
      b.pass(10);
      a.pass(3);
      a.step();
      b.step();
    }
    assertThat(b.diary).containsExactly("follows a");
    assertThat(lease().holder()).isEqualTo("a");
  }

  /** An NTP step of the follower's wall clock changes nothing either. */
  @Test
  void step_wallClockOfTheFollowerJumps_nothingIsTaken() {
    a.step();
    b.step();
    b.wall.advance(Duration.ofDays(365));
    b.step();
    assertThat(b.diary).containsExactly("follows a");
  }

  /** Its holder said it would renew within a minute; our own 15 seconds are not to be applied. */
  @Test
  void step_leaseOfALongerDuration_isWaitedForThatLong() {
    synchronized (lock) {
      store(new LeaseObject("", "a", 60, "x", "x", 0));
    }
    b.step();
    b.pass(59);
    b.step();
    assertThat(b.elector.leads()).isFalse();
    b.pass(1.1);
    b.step();
    assertThat(b.elector.leads()).isTrue();
  }

  @Test
  void step_twoTakeTheSameExpiredLease_theSecondIsRefused_andFollowsTheFirst() {
    rewrite("dead", "2026-11-22T09:00:00.000000Z");
    a.step();
    b.step();
    a.pass(15.1);
    b.pass(15.1);
    beforeNextWrite(() -> rewrite("b", "2026-11-22T09:00:15.000000Z"));
    a.step();
    assertThat(a.diary).containsExactly("follows dead");
    assertThat(a.elector.leads()).isFalse();
    assertThat(a.elector.leaderKnown()).isFalse();

    a.step();
    assertThat(a.diary).containsExactly("follows dead", "follows b");
    assertThat(lease().holder()).isEqualTo("b");
    assertThat(writes()).isEqualTo(1);
  }

  @Test
  void step_twoCreateTheLease_theSecondIsRefused_andFollowsTheFirst() {
    beforeNextWrite(() -> rewrite("b", "2026-11-22T09:00:00.000000Z"));
    a.step();
    a.step();
    assertThat(a.diary).containsExactly("follows b");
    assertThat(lease().holder()).isEqualTo("b");
  }

  @Test
  void step_leaseWasTakenFromALeader_leadsNoMore_andWaitsItsTurn() {
    a.step();
    rewrite("b", "2026-11-22T10:00:01.000000Z");
    a.pass(3);
    a.step();
    assertThat(a.diary).containsExactly("elected", "deposed: the Lease went to b");
    assertThat(a.elector.leads()).isFalse();
    assertThat(a.elector.leaderKnown()).isTrue();

    a.pass(14.9);
    a.step();
    assertThat(lease().holder()).isEqualTo("b");
    a.pass(0.2);
    a.step();
    assertThat(lease().holder()).isEqualTo("a");
    assertThat(lease().transitions()).isEqualTo(8);
  }

  @Test
  void step_renewalsFailForTwoThirdsOfTheDuration_leadsNoMore() {
    a.step();
    for (int i = 0; i < 3; i++) {
      a.pass(3);
      next(Fault.ANSWERS_500);
      a.step();
    }
    assertThat(a.elector.leads()).isTrue();
    a.pass(3);
    next(Fault.ANSWERS_500);
    a.step();

    String trouble = "troubled: renewing the Lease: 500 INTERNAL_ERROR: no";
    assertThat(a.diary)
        .containsExactly(
            "elected", trouble, trouble, trouble, trouble, "deposed: no renewal for 10000 ms");
    assertThat(a.elector.leads()).isFalse();
    assertThat(a.elector.leaderKnown()).isFalse();

    // Nobody took it meanwhile: it is ours still, and may be had back at once.
    a.step();
    assertThat(a.elector.leads()).isTrue();
    assertThat(lease().transitions()).isZero();
  }

  /** A renewal that hangs: no step ends, and yet nobody may go on believing that we lead. */
  @Test
  void leads_noStepForTwoThirdsOfTheDuration_doesNotLead() {
    a.step();
    a.pass(9.9);
    assertThat(a.elector.leads()).isTrue();
    a.pass(0.2);
    assertThat(a.elector.leads()).isFalse();
    assertThat(a.elector.leaderKnown()).isFalse();
    assertThat(a.diary).containsExactly("elected");
  }

  /** A leader gives up before a follower that saw its last renewal late or at once takes over. */
  @Test
  void leads_leaderCutOff_hasGivenUpBeforeAnotherLeads() {
    a.step();
    b.step();
    for (int halves = 0; !b.elector.leads(); halves++) {
      assertThat(halves).isLessThan(40);
      a.pass(0.5);
      b.pass(0.5);
      b.step();
    }
    assertThat(a.elector.leads()).isFalse();
    assertThat(a.nanos.get() - Long.MAX_VALUE + 5_000_000_000L).isGreaterThan(15_000_000_000L);
  }

  /** The server stored our renewal and the answer was lost: what stands there is our own. */
  @Test
  void step_answerToARenewalIsLost_isNoReasonToStopLeading() {
    a.step();
    a.pass(3);
    next(Fault.STORES_AND_HANGS_UP);
    a.step();
    for (int i = 0; i < 5; i++) {
      a.pass(3);
      a.step();
    }
    assertThat(a.diary).containsExactly("elected");
    assertThat(a.elector.leads()).isTrue();
    assertThat(lease().renewTime()).isEqualTo("2026-11-22T10:00:18.000000Z");
  }

  /** The same at the start: the Lease is found to be ours and taken at once. */
  @Test
  void step_answerToTheTakingIsLost_itIsOursAtTheNextStep() {
    next(Fault.STORES_AND_HANGS_UP);
    a.step();
    assertThat(a.elector.leads()).isFalse();
    a.step();
    assertThat(a.elector.leads()).isTrue();
    assertThat(a.diary).hasSize(2).endsWith("elected");
  }

  @Test
  void step_leaseIsDeletedUnderALeader_isCreatedAgainAfterTheDeadline() {
    a.step();
    removeLease();
    for (int i = 0; i < 4; i++) {
      a.pass(3);
      a.step();
    }
    assertThat(a.diary).last().isEqualTo("deposed: no renewal for 10000 ms");
    a.step();
    assertThat(a.elector.leads()).isTrue();
    assertThat(lease().holder()).isEqualTo("a");
  }

  @Test
  void step_mayNotWriteTheLease_saysSo_andDoesNotLead() {
    next(Fault.ANSWERS_403);
    a.step();
    assertThat(a.diary).containsExactly("troubled: taking the Lease: 403 FORBIDDEN: no");
    assertThat(a.elector.leads()).isFalse();
  }

  @Test
  void close_leading_givesTheLeaseAway_andAnotherTakesItAtOnce() {
    a.step();
    b.step();
    a.elector.close();
    assertThat(a.elector.leads()).isFalse();
    assertThat(lease())
        .isEqualTo(
            new LeaseObject(
                "102", "", 1, "2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.000000Z", 0));

    b.step();
    assertThat(b.diary).containsExactly("follows a", "elected");
    assertThat(lease().holder()).isEqualTo("b");
    assertThat(lease().transitions()).isEqualTo(1);
  }

  @Test
  void close_following_writesNothing() {
    a.step();
    b.step();
    b.elector.close();
    assertThat(lease().holder()).isEqualTo("a");
    assertThat(writes()).isEqualTo(1);
  }

  /** Whoever has it now did not get it from us. */
  @Test
  void close_leaseWentToAnotherUnnoticed_leavesItAlone() {
    a.step();
    rewrite("b", "2026-11-22T10:00:01.000000Z");
    a.elector.close();
    assertThat(lease().holder()).isEqualTo("b");
    assertThat(a.diary)
        .containsExactly(
            "elected", "troubled: the Lease could not be given away; it runs out by itself");
  }

  @Test
  void run_leadsAtOnce_andEndsWhenClosed_givingTheLeaseAway() throws Exception {
    CountDownLatch elected = new CountDownLatch(1);
    a.whenElected = elected::countDown;
    Thread thread = Thread.ofVirtual().start(a.elector);
    assertThat(elected.await(20, TimeUnit.SECONDS)).isTrue();
    a.elector.close();
    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    assertThat(lease().holder()).isEmpty();
  }

  @Test
  void new_durationBelowASecond_isRefused() {
    assertThatThrownBy(
            () ->
                new LeaderElector(
                    a.client, "ns", "lease", "a", Duration.ofMillis(999), a.wall, new Random(1), a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("duration: got PT0.999S; want 1 second or more");
  }
}
