/**
 * Lists as {@code kubectl get} prints them: the values of {@code -o}, {@code --sort-by} and {@code
 * --no-headers}, and the part of kubectl's JSONPath that selects fields.
 *
 * <p>Threat addressed: what is selected may be text of whoever holds a bootstrap token; it is made
 * printable before it reaches a terminal.
 *
 * <p>Refused: filters, recursive descent, slices and unions of JSONPath, by name.
 */
@NullMarked
package dev.countersign.cli.printer;

import org.jspecify.annotations.NullMarked;
