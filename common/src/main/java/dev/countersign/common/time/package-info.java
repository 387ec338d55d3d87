/**
 * Durations as operators of Kubernetes write and read them.
 *
 * <p><b>Does not belong here.</b> Clocks, and which durations an option takes.
 */
@NullMarked
package dev.countersign.common.time;

import org.jspecify.annotations.NullMarked;
