/**
 * Inventories: sources that say better than a Node's own status what the Node is called and where
 * it is reached. Reading only; fetching is the approver's.
 *
 * <p><b>Threat.</b> A half-read inventory that gives a name to the wrong machine, or is taken for
 * "no restriction".
 *
 * <p><b>Refuses.</b> Documents with anything in them that is not understood.
 */
@NullMarked
package dev.countersign.policy.inventory;

import org.jspecify.annotations.NullMarked;
