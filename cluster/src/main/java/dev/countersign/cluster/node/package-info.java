/**
 * Nodes: is the certificate a kubelet serves the one it should, and how a node leaves.
 *
 * <p><b>Threat.</b> A kubelet, or whoever sits at its address, that serves another certificate than
 * was approved; a node that is gone but whose tokens, requests and name stay good.
 *
 * <p><b>Refuses.</b> To call a certificate right that it could not check; to drain past a
 * PodDisruptionBudget, and to delete what nothing would create again, unless told to.
 */
@NullMarked
package dev.countersign.cluster.node;

import org.jspecify.annotations.NullMarked;
