/**
 * Runs the decision loop against a cluster: watch requests, gather facts, let the policy decide,
 * write the verdict.
 *
 * <p>Threat addressed: an approver that falls behind, stops without notice, or is kept busy by one
 * hostile node while others wait.
 *
 * <p>Refused: writing to requests of other signers, denying on anything but the immutable request,
 * deciding before all caches are complete.
 */
@NullMarked
package dev.countersign.approver;

import org.jspecify.annotations.NullMarked;
