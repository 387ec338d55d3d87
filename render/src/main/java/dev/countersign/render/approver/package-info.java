/**
 * The approver's objects in a cluster: one source for {@code deploy/}, {@code countersign
 * manifests} and rendered clusters.
 *
 * <p><b>Threat.</b> A service account that can do more than the approver does: whoever takes it
 * over could sign for other signers, change the approver's policy, or write where the cluster's own
 * settings are.
 *
 * <p><b>Refuses.</b> Wildcards, rules for what is switched off, and approval of any signer but the
 * named ones.
 */
@NullMarked
package dev.countersign.render.approver;

import org.jspecify.annotations.NullMarked;
