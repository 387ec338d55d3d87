package dev.countersign.policy.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.ownership.OwnershipRecord.Basis;
import dev.countersign.policy.ownership.OwnershipRecord.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The cases of ADR 20, one address, as the Nodes' statuses tell. */
class OwnershipRecordTest {
  private static final Instant T0 = Instant.parse("2026-11-22T01:00:00Z");
  private static final Duration RECLAIM = Duration.ofSeconds(30);
  private static final ReportingNode A = claimant("a", "1");
  private static final ReportingNode A_ANEW = claimant("a", "2");
  private static final ReportingNode B = claimant("b", "1");
  private static final ReportingNode C = claimant("c", "1");

  private static ReportingNode claimant(String name, String uid) {
    return new ReportingNode(NodeName.parse(name).orElseThrow(), uid);
  }

  private static Observation seen(int second, ReportingNode... claimants) {
    return new Observation(List.of(claimants), Optional.empty(), true, T0.plusSeconds(second));
  }

  /** As long as it is the cluster's own. */
  private static Observation closed(int second, ReportingNode... claimants) {
    return new Observation(List.of(claimants), Optional.empty(), false, T0.plusSeconds(second));
  }

  private static OwnershipRecord after(Observation... observations) {
    OwnershipRecord entry = OwnershipRecord.nothing();
    for (Observation observation : observations) {
      entry = entry.observe(observation, RECLAIM);
      assertThat(entry.observe(observation, RECLAIM)).as("idempotent").isEqualTo(entry);
    }
    return entry;
  }

  private static void assertHeld(OwnershipRecord entry, ReportingNode holder) {
    assertThat(entry.holding(RECLAIM))
        .isInstanceOfSatisfying(
            AddressOwnership.HeldBy.class,
            held -> {
              assertThat(held.owner()).isEqualTo(holder.node());
              assertThat(held.uid()).isEqualTo(holder.uid());
            });
  }

  @Test
  void firstClaimant_holdsIt() {
    OwnershipRecord entry = after(seen(0, A));

    assertThat(entry.state()).isEqualTo(new State.Held(A, T0, Basis.FIRST_CLAIM));
    assertThat(entry.holding(RECLAIM)).isEqualTo(new AddressOwnership.HeldBy(A.node(), "1", T0));
    assertThat(entry.isNothing()).isFalse();
  }

  @Test
  void onlyClaimant_holdsItAsTheFirst_alsoWhereItIsCalledSo() {
    OwnershipRecord entry = after(new Observation(List.of(A), Optional.of(A), true, T0));

    assertThat(entry.state()).isEqualTo(new State.Held(A, T0, Basis.FIRST_CLAIM));
  }

  @Test
  void nobody_leavesNothing() {
    assertThat(after(seen(0)).isNothing()).isTrue();
    assertThat(OwnershipRecord.nothing().holding(RECLAIM))
        .isEqualTo(new AddressOwnership.Unclaimed());
    assertThat(OwnershipRecord.nothing().changesAt(RECLAIM)).isEmpty();
  }

  @Test
  void laterClaimant_waitsForever_whileTheHolderExists() {
    OwnershipRecord entry = after(seen(0, A), seen(1, A, B), seen(100_000, A, B));

    assertHeld(entry, A);
    assertThat(entry.waiting()).containsExactly(new OwnershipRecord.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void bothClaimWhileNobodyLooks_holderOnRecord_staysHolder() {
    assertHeld(after(seen(0, A), seen(3600, B, A)), A);
  }

  @Test
  void bothClaimWhileNobodyLooks_nothingOnRecord_isContested() {
    OwnershipRecord entry = after(seen(0, B, A));

    assertThat(entry.holding(RECLAIM))
        .isEqualTo(new AddressOwnership.Contested(List.of(A.node(), B.node())));
    assertHeld(after(seen(0, A, B), seen(1, B)), B);
    assertThat(after(seen(0, A, B), seen(1)).isNothing()).isTrue();
    assertThat(after(seen(0, A, B), seen(100_000, A, B)).holding(RECLAIM))
        .isInstanceOf(AddressOwnership.Contested.class);
  }

  /** Whoever sees a Node go and claims its address at once does not get it before it returns. */
  @Test
  void nodeDeleted_isReservedForItsReturn_thenFree() {
    OwnershipRecord left = after(seen(0, A), seen(1));

    assertThat(left.state()).isEqualTo(new State.Left(A.node(), T0.plusSeconds(1)));
    assertThat(left.holding(RECLAIM)).isEqualTo(new AddressOwnership.Unclaimed());
    assertHeld(left.observe(seen(2, B), RECLAIM).observe(seen(30, A_ANEW, B), RECLAIM), A_ANEW);
    assertHeld(left.observe(seen(2, B), RECLAIM).observe(seen(31, B), RECLAIM), B);
    assertThat(left.observe(seen(31), RECLAIM).isNothing()).isTrue();
  }

  @Test
  void nodeCreatedAnew_seenInOneStep_staysHolder_evenIfSomeoneWaits() {
    OwnershipRecord entry = after(seen(0, A), seen(1, A, B), seen(2, A_ANEW, B));

    assertHeld(entry, A_ANEW);
    assertThat(entry.waiting()).containsExactly(new OwnershipRecord.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void nodeDeleted_someoneWaits_getsItOnlyAfterReclaim() {
    OwnershipRecord left = after(seen(0, A), seen(1, A, B), seen(10, B));

    assertThat(left.holding(RECLAIM))
        .isEqualTo(new AddressOwnership.Reserved(B.node(), T0.plusSeconds(40)));
    assertThat(left.changesAt(RECLAIM)).contains(T0.plusSeconds(40));
    assertThat(left.observe(seen(39, B), RECLAIM).holding(RECLAIM))
        .isInstanceOf(AddressOwnership.Reserved.class);
    assertHeld(left.observe(seen(40, B), RECLAIM), B);
  }

  @Test
  void formerHolder_takesItBackAtOnce() {
    OwnershipRecord left = after(seen(0, A), seen(1, A, B), seen(10, B));

    assertHeld(left.observe(seen(20, B, A_ANEW), RECLAIM), A_ANEW);
    assertThat(left.observe(seen(20, B, A_ANEW), RECLAIM).waiting())
        .containsExactly(new OwnershipRecord.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void swapOfTwoHonestNodes_endsWithBothSwapped() {
    OwnershipRecord x = after(seen(0, A), seen(5, A, B), seen(6, B), seen(36, B));
    OwnershipRecord y = after(seen(0, B), seen(5), seen(6, A), seen(36, A));

    assertHeld(x, B);
    assertHeld(y, A);
  }

  @Test
  void severalWait_theEarliestGetsIt_andTiesAreContested() {
    assertHeld(
        after(seen(0, A), seen(1, A, C), seen(2, A, B, C), seen(3, B, C), seen(33, B, C)), C);
    assertThat(after(seen(0, A), seen(1, A, B, C), seen(3, B, C), seen(33, B, C)).holding(RECLAIM))
        .isEqualTo(new AddressOwnership.Contested(List.of(B.node(), C.node())));
  }

  /** Two are seen first in one instant, perhaps on purpose: the holder still comes before them. */
  @Test
  void tiedWaiters_doNotCostAReturningHolderItsPrecedence() {
    OwnershipRecord tied = after(seen(0, A), seen(1, A, B, C), seen(3, B, C), seen(33, B, C));

    assertThat(tied.state()).isEqualTo(new State.Free(Optional.of(A.node())));
    OwnershipRecord returned = tied.observe(seen(100_000, A_ANEW, B, C), RECLAIM);
    assertHeld(returned, A_ANEW);
    assertThat(returned.waiting())
        .containsExactly(
            new OwnershipRecord.Waiting(B, T0.plusSeconds(1)),
            new OwnershipRecord.Waiting(C, T0.plusSeconds(1)));
    assertThat(tied.observe(closed(40, B, C), RECLAIM)).isEqualTo(tied);
    assertHeld(tied.observe(seen(40, C), RECLAIM), C);
    assertThat(tied.observe(seen(40), RECLAIM).isNothing()).isTrue();
  }

  /** The holder outranks a Node that joins later and is called as what it holds. */
  @Test
  void namesake_thatComesLater_waits() {
    Observation named = new Observation(List.of(B, A), Optional.empty(), true, T0.plusSeconds(5));
    Observation older = new Observation(List.of(A, B), Optional.of(A), true, T0.plusSeconds(5));

    for (Observation seen : List.of(named, older)) {
      OwnershipRecord entry = after(seen(0, B), seen);
      assertThat(entry.state()).isEqualTo(new State.Held(B, T0, Basis.FIRST_CLAIM));
      assertThat(entry.waiting())
          .containsExactly(new OwnershipRecord.Waiting(A, T0.plusSeconds(5)));
      assertHeld(entry.settle(A, T0.plusSeconds(9)).observe(seen, RECLAIM), A);
    }
  }

  /** Nobody looked when they came: it is the oldest's, where the name is its own. */
  @Test
  void namesake_olderThanAllWhoClaimItAtFirstSight_holdsIt() {
    OwnershipRecord entry =
        after(new Observation(List.of(A, B), Optional.of(A), true, T0.plusSeconds(5)));

    assertThat(entry.state()).isEqualTo(new State.Held(A, T0.plusSeconds(5), Basis.NAMESAKE));
    assertThat(entry.waiting()).extracting(OwnershipRecord.Waiting::claimant).containsExactly(B);
    assertThat(after(seen(0, A, B), new Observation(List.of(A, B), Optional.of(A), true, T0)))
        .as("what is contested stays so")
        .isEqualTo(after(seen(0, A, B)));
  }

  @Test
  void whatIsTheClusters_isNotRecorded_butStaysTheHolders() {
    Observation closed = closed(1, A);
    Observation closedToB = closed(99, B);

    assertThat(after(closed).isNothing()).isTrue();
    assertHeld(after(seen(0, A), closed), A);
    assertThat(after(seen(0, A), seen(1, A, B), seen(2, B), closedToB).holding(RECLAIM))
        .isInstanceOf(AddressOwnership.Reserved.class);
  }

  /** A Node is deleted and made anew while another Node says that its Pods are there. */
  @Test
  void whatIsTheClusters_staysItsFormerHolders_whoseNodeIsMadeAnew() {
    Observation gone = closed(1);
    Observation goneForLong = closed(31);

    assertThat(after(seen(0, A), gone).state())
        .isEqualTo(new State.Left(A.node(), T0.plusSeconds(1)));
    assertHeld(after(seen(0, A), gone, seen(5, A_ANEW)), A_ANEW);
    assertThat(after(seen(0, A), gone, goneForLong).isNothing()).isTrue();
    assertThat(after(seen(0, A), gone).wasHeldBy(A.node())).isTrue();
    assertThat(after(seen(0, A)).wasHeldBy(A.node())).isTrue();
    assertThat(after(seen(0, A)).wasHeldBy(B.node())).isFalse();
    assertThat(OwnershipRecord.nothing().wasHeldBy(A.node())).isFalse();
  }

  @Test
  void operator_settlesIt() {
    OwnershipRecord settled = after(seen(0, A), seen(1, A, B)).settle(B, T0.plusSeconds(9));

    assertThat(settled.state()).isEqualTo(new State.Held(B, T0.plusSeconds(9), Basis.SETTLED));
    assertThat(settled.waiting()).containsExactly(new OwnershipRecord.Waiting(A, T0));
    assertHeld(settled.observe(seen(10, A, B), RECLAIM), B);
    assertHeld(after(seen(0, A, B)).settle(A, T0), A);
  }

  private static ReportingNode[] crowd(int size) {
    ReportingNode[] crowd = new ReportingNode[size];
    for (int i = 0; i < size; i++) {
      crowd[i] = claimant("n" + (99 - i), "u");
    }
    return crowd;
  }

  @Test
  void crowd_isBounded_andCounted_theOldestNodesListed() {
    OwnershipRecord entry = after(seen(0, crowd(50)));

    assertThat(entry.waiting())
        .extracting(waiting -> waiting.claimant().node().text())
        .containsExactlyInAnyOrder("n99", "n98", "n97", "n96", "n95", "n94", "n93", "n92");
    assertThat(entry.unlisted()).isEqualTo(42);
  }

  /** Eight wait already; the ninth is counted, and listed as soon as one of them goes. */
  @Test
  void ninthWhoWaits_isNotForgotten() {
    ReportingNode[] eight = crowd(8);
    ReportingNode[] withHolder = new ReportingNode[10];
    System.arraycopy(eight, 0, withHolder, 0, 8);
    withHolder[8] = A;
    withHolder[9] = B;
    ReportingNode[] seven = new ReportingNode[9];
    System.arraycopy(eight, 1, seven, 0, 7);
    seven[7] = A;
    seven[8] = B;
    OwnershipRecord full = after(seen(0, A), seen(1, withoutLast(withHolder)), seen(2, withHolder));
    OwnershipRecord listed = full.observe(seen(3, seven), RECLAIM);

    assertThat(full.waiting())
        .hasSize(8)
        .extracting(OwnershipRecord.Waiting::claimant)
        .doesNotContain(B);
    assertThat(full.unlisted()).isEqualTo(1);
    assertThat(full.settle(B, T0.plusSeconds(3)).waiting()).hasSize(8);
    assertThat(listed.waiting()).contains(new OwnershipRecord.Waiting(B, T0.plusSeconds(3)));
    assertThat(listed.unlisted()).isZero();
  }

  private static ReportingNode[] withoutLast(ReportingNode[] claimants) {
    return Arrays.copyOf(claimants, claimants.length - 1);
  }

  @Test
  void operator_settlesIt_everyOtherClaimantStillWaits() {
    OwnershipRecord settled =
        after(seen(0, A), seen(1, A, B), seen(2, A, B, C)).settle(B, T0.plusSeconds(9));

    assertThat(settled.waiting())
        .containsExactly(
            new OwnershipRecord.Waiting(A, T0), new OwnershipRecord.Waiting(C, T0.plusSeconds(2)));
    assertThat(settled.settle(B, T0.plusSeconds(10)).waiting()).isEqualTo(settled.waiting());
  }

  @Test
  void nodes_areAllOnRecord() {
    assertThat(after(seen(0, A), seen(1, A, B)).nodes())
        .containsExactlyInAnyOrder(A.node(), B.node());
    assertThat(after(seen(0, A), seen(1)).nodes()).containsExactly(A.node());
    assertThat(after(seen(0, A), seen(1, A, B, C), seen(3, B, C), seen(33, B, C)).nodes())
        .containsExactlyInAnyOrder(A.node(), B.node(), C.node());
    assertThat(OwnershipRecord.nothing().nodes()).isEmpty();
  }
}
