package dev.countersign.cluster.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.Claimant;
import dev.countersign.policy.ownership.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AddressRecordTest {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
  private static final NodeName FORMER = NodeName.parse("a").orElseThrow();
  private static final Entry.State HELD =
      new Entry.State.Held(new Claimant(FORMER, "uid-a"), NOW, Entry.Basis.FIRST_CLAIM);
  private static final Entry.State LEFT = new Entry.State.Left(FORMER, NOW);
  private static final Entry.State FREE = new Entry.State.Free(Optional.of(FORMER));

  private static AddressRecord record(Entry.State state, Entry.Waiting... waiting) {
    return new AddressRecord(
        AddressRecords.parse("10.0.0.1").orElseThrow(), new Entry(state, List.of(waiting), 0));
  }

  @Test
  void isContested_aNodeWaits_whoeverHoldsIt() {
    Entry.Waiting other =
        new Entry.Waiting(new Claimant(NodeName.parse("b").orElseThrow(), "uid-b"), NOW);
    assertThat(List.of(record(HELD, other), record(LEFT, other), record(FREE, other)))
        .allMatch(AddressRecord::isContested);
  }

  @Test
  void isContested_nobodyWaits_notEvenWhereItWasLeft() {
    assertThat(List.of(record(HELD), record(LEFT), record(FREE)))
        .noneMatch(AddressRecord::isContested);
  }
}
