/**
 * Which Node a name or address belongs to: the first that claimed it, while it exists.
 *
 * <p><b>Threat.</b> A kubelet writes its own {@code Node.status.addresses}. One that is hostile
 * writes another node's address there, to impersonate it, or merely to have its renewals refused.
 *
 * <p><b>Refuses.</b> To hand a name or address to a later claimant while its owner exists, and to
 * guess where nothing says who was first. ADR 0020 walks through the hard cases.
 *
 * <p>Everything here is a pure function of observations; the approver persists the entries.
 */
@NullMarked
package dev.countersign.policy.ownership;

import org.jspecify.annotations.NullMarked;
