/**
 * Addresses, address ranges and host names, as types.
 *
 * <p><b>Threat.</b> An address that two programs read differently: {@code 010.0.0.1} is 8.0.0.1 to
 * one and 10.0.0.1 to another, and a certificate is issued for the wrong one.
 *
 * <p><b>Refuses.</b> Everything but the canonical decimal form of IPv4, zones and IPv4-mapped forms
 * of IPv6, ranges with bits set behind the prefix, names that are no DNS names.
 */
@NullMarked
package dev.countersign.render.network;

import org.jspecify.annotations.NullMarked;
