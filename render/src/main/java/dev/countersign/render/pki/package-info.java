/**
 * The keys and certificates of a cluster: what each is for, and keeping those that exist.
 *
 * <p><b>Threat.</b> A certificate that is good for more than its purpose, such as an API server
 * that shows kubelets a certificate of {@code system:masters}; a second rendering that replaces an
 * authority and locks out every node.
 *
 * <p><b>Refuses.</b> To replace an authority, a key or a token that exists, to go on where one
 * cannot be read, and to issue from an authority whose key is not there.
 */
@NullMarked
package dev.countersign.render.pki;

import org.jspecify.annotations.NullMarked;
