/**
 * A small client of the Kubernetes API for what runs a control plane and what pretends to be a
 * kubelet. It is not the approver's: a kubelet that shares code with what judges it would share its
 * mistakes.
 *
 * <p><b>Threat.</b> A server that is not the one meant; a key that shows up in an error.
 *
 * <p><b>Refuses.</b> To talk to a server whose certificate the kubeconfig's authority did not
 * issue.
 */
@NullMarked
package dev.countersign.testbed.api;

import org.jspecify.annotations.NullMarked;
