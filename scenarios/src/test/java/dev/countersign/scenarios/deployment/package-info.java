/**
 * What is under {@code deploy/}: the manifests, the chart, the alerts and the dashboard. Threat: a
 * service account with more rights than the approver uses, and a chart or an overlay that says
 * something else than the manifests that were tested.
 */
@NullMarked
package dev.countersign.scenarios.deployment;

import org.jspecify.annotations.NullMarked;
