/**
 * Scenarios of two Kubernetes releases: an upgrade, and kubelets that are older than their API
 * server. Threat: a cluster that works on each release, and stops in between. Refuses nothing
 * itself.
 */
@NullMarked
package dev.countersign.scenarios.versions;

import org.jspecify.annotations.NullMarked;
