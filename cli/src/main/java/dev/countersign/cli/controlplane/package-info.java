/**
 * {@code countersign controlplane}: a disposable real control plane for developers.
 *
 * <p>Threat: a command that ends processes it did not start. Refuses: to touch any that the
 * directory's state does not name by pid and start time.
 */
@NullMarked
package dev.countersign.cli.controlplane;

import org.jspecify.annotations.NullMarked;
