/**
 * Strict join: whether a client certificate for a kubelet may be issued to whoever asks for it.
 *
 * <p>The facts are small records that the approver keeps in ConfigMaps of a namespace of its own: a
 * {@link dev.countersign.policy.join.JoinGrant} for each bootstrap token, which says what the token
 * is for and remembers what it was used for, and a {@link dev.countersign.policy.join.NameClaim}
 * for each node name, which says who holds the name. Both are changed with the resourceVersion that
 * was read, so that of two racing joins one loses. No record contains a secret.
 *
 * <p><b>Threat.</b> A bootstrap kubeconfig leaks; without this, its holder gets the identity of any
 * node, of nodes that run already, too, and as often as it likes.
 *
 * <p><b>Refuses.</b> Tokens without a grant, outside of their window, for names they are not bound
 * to, after their last use; names that a live node or an unfinished join holds; renewals for any
 * name but the requester's own, or for one that an operator revoked. Nothing here does I/O, and an
 * unknown fact never leads to approval.
 */
@NullMarked
package dev.countersign.policy.join;

import org.jspecify.annotations.NullMarked;
