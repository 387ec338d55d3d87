/**
 * The HTTP endpoints for probes and metrics.
 *
 * <p>Threat addressed: a process that looks alive while it makes no progress; see {@link
 * dev.countersign.approver.health.Health}.
 *
 * <p>Refused: everything but GET on these paths; nothing served there is secret.
 */
@NullMarked
package dev.countersign.approver.health;

import org.jspecify.annotations.NullMarked;
