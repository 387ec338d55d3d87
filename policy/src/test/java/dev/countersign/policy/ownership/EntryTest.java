package dev.countersign.policy.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.fact.Holding;
import dev.countersign.policy.name.NodeName;
import dev.countersign.policy.ownership.Entry.Basis;
import dev.countersign.policy.ownership.Entry.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The cases of ADR 20, one address, as the Nodes' statuses tell. */
class EntryTest {
  private static final Instant T0 = Instant.parse("2026-11-22T01:00:00Z");
  private static final Duration RECLAIM = Duration.ofSeconds(30);
  private static final Claimant A = claimant("a", "1");
  private static final Claimant A_ANEW = claimant("a", "2");
  private static final Claimant B = claimant("b", "1");
  private static final Claimant C = claimant("c", "1");

  private static Claimant claimant(String name, String uid) {
    return new Claimant(NodeName.parse(name).orElseThrow(), uid);
  }

  private static Observation seen(int second, Claimant... claimants) {
    return new Observation(
        Set.of(claimants), Optional.empty(), Set.of(), true, T0.plusSeconds(second));
  }

  private static Observation seenWithNodes(int second, Set<String> nodes, Claimant... claimants) {
    return new Observation(
        Set.of(claimants),
        Optional.empty(),
        Set.copyOf(nodes.stream().map(n -> NodeName.parse(n).orElseThrow()).toList()),
        true,
        T0.plusSeconds(second));
  }

  private static Entry after(Observation... observations) {
    Entry entry = Entry.nothing();
    for (Observation observation : observations) {
      entry = entry.observe(observation, RECLAIM);
      assertThat(entry.observe(observation, RECLAIM)).as("idempotent").isEqualTo(entry);
    }
    return entry;
  }

  private static void assertHeld(Entry entry, Claimant holder) {
    assertThat(entry.holding(RECLAIM))
        .isInstanceOfSatisfying(
            Holding.HeldBy.class,
            held -> {
              assertThat(held.owner()).isEqualTo(holder.node());
              assertThat(held.uid()).isEqualTo(holder.uid());
            });
  }

  @Test
  void firstClaimant_holdsIt() {
    Entry entry = after(seen(0, A));

    assertThat(entry.state()).isEqualTo(new State.Held(A, T0, Basis.FIRST_CLAIM));
    assertThat(entry.holding(RECLAIM)).isEqualTo(new Holding.HeldBy(A.node(), "1", T0));
    assertThat(entry.isNothing()).isFalse();
  }

  @Test
  void nobody_leavesNothing() {
    assertThat(after(seen(0)).isNothing()).isTrue();
    assertThat(Entry.nothing().holding(RECLAIM)).isEqualTo(new Holding.Unclaimed());
    assertThat(Entry.nothing().changesAt(RECLAIM)).isEmpty();
  }

  @Test
  void laterClaimant_waitsForever_whileTheHolderExists() {
    Entry entry = after(seen(0, A), seen(1, A, B), seen(100_000, A, B));

    assertHeld(entry, A);
    assertThat(entry.waiting()).containsExactly(new Entry.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void bothClaimWhileNobodyLooks_holderOnRecord_staysHolder() {
    assertHeld(after(seen(0, A), seen(3600, B, A)), A);
  }

  @Test
  void bothClaimWhileNobodyLooks_nothingOnRecord_isContested() {
    Entry entry = after(seen(0, B, A));

    assertThat(entry.holding(RECLAIM))
        .isEqualTo(new Holding.Contested(List.of(A.node(), B.node())));
    assertHeld(after(seen(0, A, B), seen(1, B)), B);
    assertThat(after(seen(0, A, B), seen(1)).isNothing()).isTrue();
    assertThat(after(seen(0, A, B), seen(100_000, A, B)).holding(RECLAIM))
        .isInstanceOf(Holding.Contested.class);
  }

  @Test
  void nodeDeleted_nobodyWaits_nextClaimantGetsItAtOnce() {
    assertThat(after(seen(0, A), seen(1)).isNothing()).isTrue();
    assertHeld(after(seen(0, A), seen(1), seen(2, B)), B);
    assertHeld(after(seen(0, A), seen(1, B)), B);
  }

  @Test
  void nodeCreatedAnew_seenInOneStep_staysHolder_evenIfSomeoneWaits() {
    Entry entry = after(seen(0, A), seen(1, A, B), seen(2, A_ANEW, B));

    assertHeld(entry, A_ANEW);
    assertThat(entry.waiting()).containsExactly(new Entry.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void nodeDeleted_someoneWaits_getsItOnlyAfterReclaim() {
    Entry left = after(seen(0, A), seen(1, A, B), seen(10, B));

    assertThat(left.holding(RECLAIM)).isEqualTo(new Holding.Reserved(B.node(), T0.plusSeconds(40)));
    assertThat(left.changesAt(RECLAIM)).contains(T0.plusSeconds(40));
    assertThat(left.observe(seen(39, B), RECLAIM).holding(RECLAIM))
        .isInstanceOf(Holding.Reserved.class);
    assertHeld(left.observe(seen(40, B), RECLAIM), B);
  }

  @Test
  void formerHolder_takesItBackAtOnce() {
    Entry left = after(seen(0, A), seen(1, A, B), seen(10, B));

    assertHeld(left.observe(seen(20, B, A_ANEW), RECLAIM), A_ANEW);
    assertThat(left.observe(seen(20, B, A_ANEW), RECLAIM).waiting())
        .containsExactly(new Entry.Waiting(B, T0.plusSeconds(1)));
  }

  @Test
  void holderDropsTheAddressButExists_othersWait() {
    Entry left = after(seen(0, A), seenWithNodes(10, Set.of("a", "b"), B));

    assertThat(left.holding(RECLAIM)).isInstanceOf(Holding.Reserved.class);
    assertHeld(left.observe(seen(11, A, B), RECLAIM), A);
    assertHeld(left.observe(seenWithNodes(40, Set.of("a"), B), RECLAIM), B);
    Entry alone = after(seen(0, A), seenWithNodes(10, Set.of("a")));
    assertThat(alone.holding(RECLAIM)).isEqualTo(new Holding.Unclaimed());
    assertThat(alone.isNothing()).isFalse();
    assertThat(alone.observe(seenWithNodes(40, Set.of("a")), RECLAIM).isNothing()).isTrue();
  }

  @Test
  void swapOfTwoHonestNodes_endsWithBothSwapped() {
    Entry x = after(seen(0, A), seenWithNodes(5, Set.of("a", "b"), A, B));
    Entry y = after(seen(0, B), seenWithNodes(5, Set.of("a", "b")));
    x = x.observe(seenWithNodes(6, Set.of("a", "b"), B), RECLAIM);
    y = y.observe(seenWithNodes(6, Set.of("a", "b"), A), RECLAIM);
    x = x.observe(seenWithNodes(36, Set.of("a", "b"), B), RECLAIM);
    y = y.observe(seenWithNodes(36, Set.of("a", "b"), A), RECLAIM);

    assertHeld(x, B);
    assertHeld(y, A);
  }

  @Test
  void severalWait_theEarliestGetsIt_andTiesAreContested() {
    assertHeld(
        after(seen(0, A), seen(1, A, C), seen(2, A, B, C), seen(3, B, C), seen(33, B, C)), C);
    assertThat(after(seen(0, A), seen(1, A, B, C), seen(3, B, C), seen(33, B, C)).holding(RECLAIM))
        .isEqualTo(new Holding.Contested(List.of(B.node(), C.node())));
  }

  @Test
  void namesake_ownsItsNameWhoeverClaimedItFirst() {
    Observation named =
        new Observation(Set.of(B), Optional.of(A), Set.of(), true, T0.plusSeconds(5));
    Entry entry = after(seen(0, B), named);

    assertThat(entry.state()).isEqualTo(new State.Held(A, T0.plusSeconds(5), Basis.NAMESAKE));
    assertThat(entry.waiting()).extracting(Entry.Waiting::claimant).containsExactly(B);
  }

  @Test
  void whatIsTheClusters_isNotRecorded_butStaysTheHolders() {
    Observation closed =
        new Observation(Set.of(A), Optional.empty(), Set.of(), false, T0.plusSeconds(1));
    Observation closedToB =
        new Observation(Set.of(B), Optional.empty(), Set.of(), false, T0.plusSeconds(99));

    assertThat(after(closed).isNothing()).isTrue();
    assertHeld(after(seen(0, A), closed), A);
    assertThat(after(seen(0, A), seen(1, A, B), seen(2, B), closedToB).holding(RECLAIM))
        .isInstanceOf(Holding.Reserved.class);
  }

  /** A Node is deleted and made anew while another Node says that its Pods are there. */
  @Test
  void whatIsTheClusters_staysItsFormerHolders_whoseNodeIsMadeAnew() {
    Observation gone =
        new Observation(Set.of(), Optional.empty(), Set.of(), false, T0.plusSeconds(1));
    Observation goneForLong =
        new Observation(Set.of(), Optional.empty(), Set.of(), false, T0.plusSeconds(31));

    assertThat(after(seen(0, A), gone).state())
        .isEqualTo(new State.Left(A.node(), T0.plusSeconds(1)));
    assertHeld(after(seen(0, A), gone, seen(5, A_ANEW)), A_ANEW);
    assertThat(after(seen(0, A), gone, goneForLong).isNothing()).isTrue();
    assertThat(after(seen(0, A), gone).wasHeldBy(A.node())).isTrue();
    assertThat(after(seen(0, A)).wasHeldBy(A.node())).isTrue();
    assertThat(after(seen(0, A)).wasHeldBy(B.node())).isFalse();
    assertThat(Entry.nothing().wasHeldBy(A.node())).isFalse();
  }

  @Test
  void operator_settlesIt() {
    Entry settled = after(seen(0, A), seen(1, A, B)).settle(B, T0.plusSeconds(9));

    assertThat(settled.state()).isEqualTo(new State.Held(B, T0.plusSeconds(9), Basis.SETTLED));
    assertThat(settled.waiting()).containsExactly(new Entry.Waiting(A, T0));
    assertHeld(settled.observe(seen(10, A, B), RECLAIM), B);
    assertHeld(after(seen(0, A, B)).settle(A, T0), A);
  }

  @Test
  void crowd_isBounded() {
    Claimant[] crowd = new Claimant[50];
    for (int i = 0; i < 50; i++) {
      crowd[i] = claimant("n" + i, "u");
    }

    assertThat(after(seen(0, crowd)).waiting()).hasSize(Entry.MOST_WAITING);
  }

  @Test
  void operator_settlesIt_everyOtherClaimantStillWaits() {
    Entry settled = after(seen(0, A), seen(1, A, B), seen(2, A, B, C)).settle(B, T0.plusSeconds(9));

    assertThat(settled.waiting())
        .containsExactly(new Entry.Waiting(A, T0), new Entry.Waiting(C, T0.plusSeconds(2)));
    assertThat(settled.settle(B, T0.plusSeconds(10)).waiting()).isEqualTo(settled.waiting());
  }

  @Test
  void namesake_seenAgain_keepsTheTimeAndBasisOfItsClaim() {
    Observation named =
        new Observation(Set.of(B), Optional.of(A), Set.of(), true, T0.plusSeconds(5));

    assertThat(after(seen(0, A), named).state())
        .isEqualTo(new State.Held(A, T0, Basis.FIRST_CLAIM));
    assertThat(
            after(
                    new Observation(Set.of(), Optional.of(A), Set.of(), true, T0),
                    new Observation(
                        Set.of(), Optional.of(A_ANEW), Set.of(), true, T0.plusSeconds(5)))
                .state())
        .isEqualTo(new State.Held(A_ANEW, T0.plusSeconds(5), Basis.NAMESAKE));
  }

  @Test
  void node_existsAsClaimantNamesakeOrOther_andNotElse() {
    Observation seen = new Observation(Set.of(A), Optional.of(B), Set.of(C.node()), true, T0);

    assertThat(seen.exists(A.node())).isTrue();
    assertThat(seen.exists(B.node())).isTrue();
    assertThat(seen.exists(C.node())).isTrue();
    assertThat(seen.exists(NodeName.parse("d").orElseThrow())).isFalse();
    assertThat(new Observation(Set.of(A), Optional.of(B), Set.of(), true, T0).exists(C.node()))
        .isFalse();
  }
}
