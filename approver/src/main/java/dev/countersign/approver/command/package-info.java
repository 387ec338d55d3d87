/**
 * {@code countersign approver}: runs the approver in the foreground.
 *
 * <p>Threat addressed: none of its own; it turns options into {@link
 * dev.countersign.approver.ApproverOptions} and signals into a clean stop.
 *
 * <p>Refused: to start without credentials that can be used.
 */
@NullMarked
package dev.countersign.approver.command;

import org.jspecify.annotations.NullMarked;
