/**
 * PKCS#10 requests, certificates, keys, PEM, a certificate authority and secret files.
 *
 * <p><b>Threat.</b> A certificate request is text written by an attacker; a private key is the
 * identity of a cluster. This module reads the first without believing anything but its bytes and
 * handles the second without ever showing it.
 *
 * <p><b>Refuses.</b> Every encoding other than DER, every byte that it cannot account for, and the
 * disclosure of a secret without a {@link dev.countersign.x509.secret.SecretAccess}.
 */
@NullMarked
package dev.countersign.x509;

import org.jspecify.annotations.NullMarked;
