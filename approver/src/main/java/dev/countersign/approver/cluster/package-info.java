/**
 * What the approver knows of the cluster: Nodes, Services, ServiceCIDRs, the API server's
 * addresses, each trimmed to the few fields that a decision needs.
 *
 * <p>Threat addressed: a decision on facts that are incomplete. Until a collection was listed
 * completely its facts are unknown, and unknown facts only defer.
 *
 * <p>Refused: keeping images, annotations and managed fields.
 */
@NullMarked
package dev.countersign.approver.cluster;

import org.jspecify.annotations.NullMarked;
