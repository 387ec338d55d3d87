/**
 * The thin Kubernetes API client of the hot path: get, create, small writes, paginated lists.
 *
 * <p>Threat addressed: an approver that cannot keep up with the API server, or that trusts whatever
 * answers on the API server's port. The server's certificate and name are verified unless the
 * kubeconfig says otherwise, answers are read as streams with bounds, and a refusal is a value
 * ({@link dev.countersign.kube.ApiResult}), never an exception to retry blindly.
 *
 * <p>What belongs elsewhere: who we are and whom to trust ({@code credential}), how bytes travel
 * ({@code http}), what objects mean (whoever asks for them).
 */
@NullMarked
package dev.countersign.kube;

import org.jspecify.annotations.NullMarked;
