/**
 * The time to render a cluster, side by side with kubeadm in one run.
 *
 * <p><b>Threat.</b> A figure of one machine held against another's.
 *
 * <p><b>Refuses.</b> To count a run that did not end well.
 */
@NullMarked
package dev.countersign.bench.rendering;

import org.jspecify.annotations.NullMarked;
