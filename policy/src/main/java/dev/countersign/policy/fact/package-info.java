/**
 * What the policy may know about the cluster when it judges a request.
 *
 * <p><b>Threat.</b> {@code Node.status} and even {@code Node.spec.podCIDRs} are written by
 * kubelets; caches lag; a lookup can fail. A fact therefore is {@code Known} or {@code Unknown},
 * never assumed.
 *
 * <p><b>Refuses.</b> Nothing by itself; an unknown fact can only ever lead to a hold.
 */
@NullMarked
package dev.countersign.policy.fact;

import org.jspecify.annotations.NullMarked;
