/**
 * Certificate authorities: creating, loading, issuing and verifying.
 *
 * <p><b>Threat.</b> A certificate that says more than was meant: a leaf that may sign, a server
 * certificate that is good as a client, a validity beyond that of its issuer.
 *
 * <p><b>Refuses.</b> A key that does not belong to the certificate, an authority that must not
 * sign, profiles without a name.
 */
@NullMarked
package dev.countersign.x509.authority;

import org.jspecify.annotations.NullMarked;
