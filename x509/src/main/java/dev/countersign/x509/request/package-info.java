/**
 * The PKCS#10 certificate request exactly as it was signed (RFC 2986).
 *
 * <p><b>Threat.</b> What an approver looks at and what a signer signs must be the same bytes; a
 * convenience accessor that drops a second common name or an unknown SAN type lets a forged name
 * through.
 *
 * <p><b>Refuses.</b> Encodings other than DER, trailing data, text around the PEM block: those are
 * {@link dev.countersign.common.ParseResult.Refused}. Whatever is well-formed is exposed in full,
 * in order, with duplicates.
 */
@NullMarked
package dev.countersign.x509.request;

import org.jspecify.annotations.NullMarked;
