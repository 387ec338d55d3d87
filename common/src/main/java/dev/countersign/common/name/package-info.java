/**
 * Names and addresses in the form in which they compare.
 *
 * <p><b>Threat.</b> The same host written in two ways ({@code KUBERNETES.default.}, {@code
 * ::ffff:10.0.0.1}, {@code 0x0a000001}) must not pass as two hosts.
 *
 * <p><b>Refuses.</b> Node names that the API server would not store, and every notation of an
 * address in the place of a DNS name.
 *
 * <p><b>Does not belong here.</b> Whose a name or an address is: that is a fact, or a decision of
 * the policy.
 */
@NullMarked
package dev.countersign.common.name;

import org.jspecify.annotations.NullMarked;
