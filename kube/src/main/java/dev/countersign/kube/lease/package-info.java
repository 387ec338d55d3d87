/**
 * Leader election by a {@code coordination.k8s.io/v1} Lease.
 *
 * <p>Threat addressed: two replicas that fight, and none that leads, when clocks differ. Whether a
 * lease has run out is judged by how long <em>we</em> have seen it unchanged on our own monotonic
 * clock, never by comparing its time stamps with our wall clock (as client-go does).
 *
 * <p>Refused: taking a lease that was renewed within its duration.
 */
@NullMarked
package dev.countersign.kube.lease;

import org.jspecify.annotations.NullMarked;
