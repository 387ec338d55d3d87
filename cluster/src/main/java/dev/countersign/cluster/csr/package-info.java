/**
 * CertificateSigningRequests as the API server stores them: how far each got, and what is in it.
 *
 * <p><b>Refuses.</b> To fail on a request that cannot be read: whatever it does not have is empty.
 */
@NullMarked
package dev.countersign.cluster.csr;

import org.jspecify.annotations.NullMarked;
