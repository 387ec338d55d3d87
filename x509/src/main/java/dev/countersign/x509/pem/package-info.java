/**
 * Textual encoding of keys and certificates (RFC 7468).
 *
 * <p><b>Threat.</b> Text in which one reader finds another block than the next one does.
 *
 * <p><b>Refuses.</b> Blocks whose label does not match at both ends, and data that is not canonical
 * base64.
 */
@NullMarked
package dev.countersign.x509.pem;

import org.jspecify.annotations.NullMarked;
