/**
 * How to reach an API server and who we are to it: from a kubeconfig or from the service account of
 * the pod we run in. Files are read again when they change.
 *
 * <p>Threat addressed: a client that silently talks to the wrong server, or as the wrong user.
 *
 * <p>Refused, each with the next step: auth-provider plugins, user names and passwords, and for
 * {@link ClientCredentials#fromKubeconfig} servers that are not verified.
 */
@NullMarked
package dev.countersign.kube.credential;

import org.jspecify.annotations.NullMarked;
