/**
 * DER, PKCS#10 requests, certificates, keys, PEM and a certificate authority.
 *
 * <p><b>Threat.</b> A certificate request is text written by an attacker; a private key is the
 * identity of a cluster. This module reads the first without believing anything but its bytes and
 * handles the second without ever showing it.
 *
 * <p><b>Refuses.</b> Every encoding other than DER, every byte that it cannot account for, and the
 * disclosure of a private key without a {@link dev.countersign.common.secret.SecretAccess}.
 *
 * <p><b>Does not belong here.</b> What a certificate is good for: who may have one is a decision of
 * the policy.
 */
@NullMarked
package dev.countersign.x509;

import org.jspecify.annotations.NullMarked;
