/**
 * Reaching a cluster as kubectl does: {@code --kubeconfig}, {@code KUBECONFIG} with several files,
 * {@code --context}, exec plugins, or the service account of a pod.
 *
 * <p><b>Threat.</b> A client that quietly talks to another cluster than the operator thinks, or
 * that needs its key weakened to be able to read it.
 *
 * <p><b>Refuses.</b> Contexts and files that do not exist (no fallback to another cluster), and to
 * print key material. EC and Ed25519 keys in every common PEM form are read with {@link
 * dev.countersign.x509.key.PrivateKeys}, because fabric8 7.8.0 reads only some of them.
 */
@NullMarked
package dev.countersign.cluster.connect;

import org.jspecify.annotations.NullMarked;
