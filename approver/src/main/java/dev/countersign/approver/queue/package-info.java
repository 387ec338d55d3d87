/**
 * The order of work: fair between requestors.
 *
 * <p>Threat addressed: one compromised node that floods requests so that no other node gets its
 * certificate in time.
 *
 * <p>Refused: more than a few decisions at a time for one requestor.
 */
@NullMarked
package dev.countersign.approver.queue;

import org.jspecify.annotations.NullMarked;
