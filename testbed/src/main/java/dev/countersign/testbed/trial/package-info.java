/**
 * Tries requests on a live cluster: sends one as somebody and reads from the cluster, as an
 * operator would, what became of it. The demo and the scenarios tell their stories with it.
 *
 * <p><b>Threat.</b> A test that believes the approver's own memory instead of what the cluster
 * shows.
 *
 * <p><b>Refuses.</b> To take silence for a refusal.
 */
@NullMarked
package dev.countersign.testbed.trial;

import org.jspecify.annotations.NullMarked;
