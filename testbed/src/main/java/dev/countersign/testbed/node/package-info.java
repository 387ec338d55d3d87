/**
 * Nodes of a disposable cluster: real kubelets on a runtime that only pretends, and simulated ones
 * that make the same calls.
 *
 * <p>A node's address must not be loopback: Kubernetes refuses that. Addresses are added to the
 * loopback device instead, from the range of {@link
 * dev.countersign.testbed.cluster.LoopbackAllocator}; they are reachable on this machine only and
 * go when the control plane goes.
 *
 * <p><b>Threat.</b> Addresses left on the machine by a crash; a kubelet that touches the host's
 * firewall or pods.
 *
 * <p><b>Refuses.</b> To add addresses without being root; it says so.
 */
@NullMarked
package dev.countersign.testbed.node;

import org.jspecify.annotations.NullMarked;
