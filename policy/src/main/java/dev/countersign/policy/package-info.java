/**
 * The decision: {@link dev.countersign.policy.Policy}, a pure function of a request, facts about
 * the cluster, and a configuration.
 *
 * <p><b>Threat.</b> Someone who holds one node's credentials, a bootstrap token, or the right to
 * create requests, and who wants a serving certificate for a name that is not that node's, or wants
 * to keep other nodes from getting theirs.
 *
 * <p><b>Refuses.</b> Every request that is not exactly what a kubelet sends for its own Node, since
 * Kubernetes 1.20; unknown means no.
 */
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
