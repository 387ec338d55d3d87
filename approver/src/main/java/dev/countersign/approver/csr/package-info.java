/**
 * Requests that wait for a verdict: how they are read from the API and kept.
 *
 * <p>Threat addressed: memory taken by requests that are decided long since, and fields that an
 * attacker fills with bulk.
 *
 * <p>Refused: requests of other signers are not kept; managed fields are skipped.
 */
@NullMarked
package dev.countersign.approver.csr;

import org.jspecify.annotations.NullMarked;
