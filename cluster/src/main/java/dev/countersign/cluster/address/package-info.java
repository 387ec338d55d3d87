/**
 * Whose the names and addresses are, as an operator sees and settles it: the approver's records of
 * docs/adr/0020.
 *
 * <p><b>Threat.</b> A wrong record keeps an honest node out, or lets a hostile one in; a settlement
 * that overwrites what the approver wrote meanwhile would be lost or undo its work.
 *
 * <p><b>Refuses.</b> To give something to a Node that does not exist, to write over a version that
 * was not read, and to touch a record that cannot be read in full.
 */
@NullMarked
package dev.countersign.cluster.address;

import org.jspecify.annotations.NullMarked;
