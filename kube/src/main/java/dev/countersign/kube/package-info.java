/**
 * The thin Kubernetes API client of the hot path: get, create, small writes, paginated lists.
 *
 * <p>Threat addressed: an approver that cannot keep up with the API server, or that trusts whatever
 * answers on the API server's port. The server's certificate and name are always verified, answers
 * are read as streams with bounds, and a refusal is a value ({@link dev.countersign.kube.Outcome}),
 * never an exception to retry blindly.
 *
 * <p>Refused: plain HTTP, unverified TLS, proxies, credentials from exec plugins.
 */
@NullMarked
package dev.countersign.kube;

import org.jspecify.annotations.NullMarked;
