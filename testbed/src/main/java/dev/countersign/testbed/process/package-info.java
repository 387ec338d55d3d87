/**
 * Processes that never outlive their owner: the Java side of {@code supervise}, the small program
 * of {@code testbed/upstream}, and a stand-in for it where the binaries came without it.
 *
 * <p><b>Threat.</b> A crashed test run that leaves an API server behind, and a clean-up that ends a
 * foreign process which has been given the same pid since.
 *
 * <p><b>Refuses.</b> To signal a process by its pid alone: pid, start time and boot must all be the
 * recorded ones.
 */
@NullMarked
package dev.countersign.testbed.process;

import org.jspecify.annotations.NullMarked;
