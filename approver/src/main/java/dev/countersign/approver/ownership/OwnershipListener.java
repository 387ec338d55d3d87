package dev.countersign.approver.ownership;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ShardUpdate;

/** Told what comes of Nodes' claims. Called by the threads that write; returns at once. */
public interface OwnershipListener {
  /** Takes no notice. */
  OwnershipListener NONE =
      new OwnershipListener() {
        @Override
        public void decided(NodeName node) {}

        @Override
        public void waits(NodeName node, NameOrAddress claim, OwnershipRecord entry) {}

        @Override
        public void turnedAway(NodeName node, ShardUpdate.Cause cause) {}

        @Override
        public void slowed(NodeName node) {}
      };

  /** Something that a Node claims was decided on. */
  void decided(NodeName node);

  /** A Node claims what another owns, owned last, or claims too; it waits from now on. */
  void waits(NodeName node, NameOrAddress claim, OwnershipRecord entry);

  /** Some claims of a Node get nothing on record. */
  void turnedAway(NodeName node, ShardUpdate.Cause cause);

  /** A Node changes its names and addresses so often that changes of it wait. */
  void slowed(NodeName node);
}
