package dev.countersign.approver.ownership;

/**
 * How much is on record.
 *
 * @param entries names and addresses
 * @param contested those of them for which some Node waits
 * @param overBudget Nodes that have used up what one Node may have on record
 * @param recordFull Nodes for which a shard had no room
 * @param slowed Nodes whose changes wait because they change so often
 * @param fullest bytes of the fullest shard
 */
public record OwnershipFigures(
    int entries, int contested, int overBudget, int recordFull, int slowed, int fullest) {}
