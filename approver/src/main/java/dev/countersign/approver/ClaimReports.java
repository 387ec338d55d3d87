package dev.countersign.approver;

import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.ownership.OwnershipListener;
import dev.countersign.approver.status.EventRecorder;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ShardUpdate;
import java.util.function.Consumer;

/** Says in the log and on Nodes what comes of their claims, and has their requests looked at. */
final class ClaimReports implements OwnershipListener {
  private final StructuredLog log;
  private final EventRecorder events;
  private final Consumer<NodeName> lookAgain;

  ClaimReports(StructuredLog log, EventRecorder events, Consumer<NodeName> lookAgain) {
    this.log = log;
    this.events = events;
    this.lookAgain = lookAgain;
  }

  @Override
  public void decided(NodeName node) {
    lookAgain.accept(node);
  }

  @Override
  public void waits(NodeName node, NameOrAddress claim, OwnershipRecord entry) {
    log.warn(
        "address-claim-waits",
        "node",
        node,
        "address",
        claim.key(),
        "owner",
        entry.owner().map(NodeName::text).orElse(""));
    events.waits(node, claim, entry.owner());
  }

  @Override
  public void turnedAway(NodeName node, ShardUpdate.Cause cause) {
    log.warn("address-claim-turned-away", "node", node, "why", cause.text());
    events.turnedAway(node, cause);
  }

  @Override
  public void slowed(NodeName node) {
    log.warn("address-changes-slowed", "node", node);
    events.slowed(node);
  }
}
