/**
 * Completion of the command line, in a shell and behind {@code kubectl}.
 *
 * <p>Threat addressed: none of its own. It asks no cluster, so that pressing Tab sends nothing.
 *
 * <p>Refused: shells it has no script for.
 */
@NullMarked
package dev.countersign.cli.completion;

import org.jspecify.annotations.NullMarked;
