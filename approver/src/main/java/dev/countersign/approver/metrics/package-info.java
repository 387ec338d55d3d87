/**
 * Prometheus metrics.
 *
 * <p>Threat addressed: label values chosen by an attacker; labels come from closed sets only.
 *
 * <p>Refused: node names as labels, unless asked for and then up to a bound.
 */
@NullMarked
package dev.countersign.approver.metrics;

import org.jspecify.annotations.NullMarked;
