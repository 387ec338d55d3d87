/**
 * A strict reader and a small writer of DER, the one canonical encoding of ASN.1 (X.690).
 *
 * <p><b>Threat.</b> Two readers that understand the same bytes differently. There is exactly one
 * DER encoding of a value, so a reader that takes nothing else leaves no room for a second meaning.
 *
 * <p><b>Refuses.</b> Indefinite and non-minimal lengths, non-minimal integers and identifiers,
 * unsorted sets, booleans other than 00 and FF, trailing bytes, nesting deeper than its limit.
 */
@NullMarked
package dev.countersign.x509.der;

import org.jspecify.annotations.NullMarked;
