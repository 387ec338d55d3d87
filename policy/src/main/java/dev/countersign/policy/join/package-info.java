/**
 * The records of strict join, which decides whether a client certificate for a kubelet may be
 * issued to whoever asks for it. The checks on them are in {@code policy.check}.
 *
 * <p>Records are small, and the approver keeps them in ConfigMaps of a namespace of its own: a
 * {@link dev.countersign.policy.join.BootstrapTokenGrant} for each bootstrap token, which says what
 * the token is for and remembers what it was used for, and a {@link
 * dev.countersign.policy.join.NodeNameReservation} for each node name, which says who holds the
 * name. Both are changed with the resourceVersion that was read, so that of two racing joins one
 * loses. No record contains a secret.
 *
 * <p><b>Threat.</b> A bootstrap kubeconfig leaks; without this, its holder gets the identity of any
 * node, of nodes that run already, too, and as often as it likes.
 *
 * <p><b>Refuses.</b> A record with a key that this version does not know, or with a value that is
 * not what its writer writes. Nothing here does I/O.
 */
@NullMarked
package dev.countersign.policy.join;

import org.jspecify.annotations.NullMarked;
