/**
 * Writing kubeconfig files, as {@code kubectl} and the kubelet read them.
 *
 * <p><b>Threat.</b> A kubeconfig is a credential: whoever reads it is the user it names.
 *
 * <p><b>Refuses.</b> Servers that are not {@code https}, and to show its text without a {@link
 * dev.countersign.common.secret.SecretAccess}.
 */
@NullMarked
package dev.countersign.x509.kubeconfig;

import org.jspecify.annotations.NullMarked;
