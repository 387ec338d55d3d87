/**
 * What a person sees: the console with its two streams, tables, progress. Colour only on a terminal
 * and only without {@code NO_COLOR}; plain lines where there is no terminal.
 *
 * <p>Refuses to pass on control characters: a certificate request can hold an escape sequence that
 * rewrites a screen.
 */
@NullMarked
package dev.countersign.cli.terminal;

import org.jspecify.annotations.NullMarked;
