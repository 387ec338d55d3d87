/** A disposable real control plane, real kubelets and simulated ones. */
@NullMarked
package dev.countersign.controlplane;

import org.jspecify.annotations.NullMarked;
