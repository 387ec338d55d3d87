/**
 * One controller for the requests of one signer: informer, fair work queue, reconcile, one write.
 * What a signer decides by, and what it writes, is in its {@link
 * dev.countersign.approver.controller.CsrHandler}.
 *
 * <p>Threat addressed: one requestor that floods requests, large requests, and two replicas at work
 * at once. Every write names the version that it is based on.
 *
 * <p>Refused: knowledge of facts, of records, or of leader election.
 */
@NullMarked
package dev.countersign.approver.controller;

import org.jspecify.annotations.NullMarked;
