/**
 * Keeps the record of whose each name and address is, in ConfigMaps (docs/adr/0020).
 *
 * <p>Threat addressed: a hostile kubelet that claims another machine's address while the approver
 * is down, or between two replicas. Only what the API server has accepted counts as recorded.
 *
 * <p>Refused: a record that cannot be read in full; requests that depend on it are deferred.
 */
@NullMarked
package dev.countersign.approver.ownership;

import org.jspecify.annotations.NullMarked;
