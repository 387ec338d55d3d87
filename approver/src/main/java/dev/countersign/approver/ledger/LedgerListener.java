package dev.countersign.approver.ledger;

import dev.countersign.common.name.Claimable;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.Entry;
import dev.countersign.policy.ownership.ShardUpdate;

/** Told what comes of Nodes' claims. Called by the threads that write; returns at once. */
public interface LedgerListener {
  /** Takes no notice. */
  LedgerListener NONE =
      new LedgerListener() {
        @Override
        public void decided(NodeName node) {}

        @Override
        public void waits(NodeName node, Claimable claim, Entry entry) {}

        @Override
        public void turnedAway(NodeName node, ShardUpdate.Cause cause) {}

        @Override
        public void slowed(NodeName node) {}
      };

  /** Something that a Node claims was decided on. */
  void decided(NodeName node);

  /** A Node claims what another holds, held last, or claims too; it waits from now on. */
  void waits(NodeName node, Claimable claim, Entry entry);

  /** Some claims of a Node get nothing on record. */
  void turnedAway(NodeName node, ShardUpdate.Cause cause);

  /** A Node changes its names and addresses so often that changes of it wait. */
  void slowed(NodeName node);
}
