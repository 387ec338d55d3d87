/**
 * The doctor: why kubelets have no certificate, and what to do next.
 *
 * <p>{@link dev.countersign.cluster.doctor.DiagnosticsCollector} looks at the cluster, {@link
 * dev.countersign.cluster.doctor.Diagnosis} draws the conclusions; the second does no I/O, so each
 * cause is tested by a snapshot of a cluster that has it and nothing else.
 *
 * <p><b>Threat.</b> An operator who does not see why, and turns verification off to get on.
 *
 * <p><b>Refuses.</b> To guess: what could not be looked at is told as such and is no finding.
 */
@NullMarked
package dev.countersign.cluster.doctor;

import org.jspecify.annotations.NullMarked;
