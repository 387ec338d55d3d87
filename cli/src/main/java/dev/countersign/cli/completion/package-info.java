/**
 * Completion of the command line, in a shell and behind {@code kubectl}.
 *
 * <p>Threat addressed: a shell puts what it is offered on the command line as it is, and a request
 * for a certificate may have nearly any name; see {@link
 * dev.countersign.cli.cluster.CompletionKind#isPlain}. Names are asked for as metadata, so no
 * Secret is sent for the press of a key.
 *
 * <p>Refused: shells it has no script for.
 */
@NullMarked
package dev.countersign.cli.completion;

import org.jspecify.annotations.NullMarked;
