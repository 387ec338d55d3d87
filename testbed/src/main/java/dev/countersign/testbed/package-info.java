/**
 * The test bed: a disposable real control plane, real kubelets and simulated ones, whole machines,
 * and the processes of all of them, which end with whoever started them. The demo, the scenarios
 * and the benchmarks share it.
 *
 * <p><b>Does not belong here.</b> Anything that an operator's cluster needs: no module of the
 * product depends on this one but the command line, for {@code demo} and {@code controlplane}.
 */
@NullMarked
package dev.countersign.testbed;

import org.jspecify.annotations.NullMarked;
