package dev.countersign.cluster.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AddressRecordTest {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
  private static final NodeName FORMER = NodeName.parse("a").orElseThrow();
  private static final OwnershipRecord.State HELD =
      new OwnershipRecord.State.Held(
          new ReportingNode(FORMER, "uid-a"), NOW, OwnershipRecord.Basis.FIRST_CLAIM);
  private static final OwnershipRecord.State LEFT = new OwnershipRecord.State.Left(FORMER, NOW);
  private static final OwnershipRecord.State FREE =
      new OwnershipRecord.State.Free(Optional.of(FORMER));

  private static AddressRecord record(
      OwnershipRecord.State state, OwnershipRecord.Waiting... waiting) {
    return new AddressRecord(
        AddressRecords.parse("10.0.0.1").orElseThrow(),
        new OwnershipRecord(state, List.of(waiting), 0));
  }

  @Test
  void isContested_aNodeWaits_whoeverHoldsIt() {
    OwnershipRecord.Waiting other =
        new OwnershipRecord.Waiting(
            new ReportingNode(NodeName.parse("b").orElseThrow(), "uid-b"), NOW);
    assertThat(List.of(record(HELD, other), record(LEFT, other), record(FREE, other)))
        .allMatch(AddressRecord::isContested);
  }

  @Test
  void isContested_nobodyWaits_notEvenWhereItWasLeft() {
    assertThat(List.of(record(HELD), record(LEFT), record(FREE)))
        .noneMatch(AddressRecord::isContested);
  }
}
