/**
 * {@code countersign token}: parse, call {@code cluster}, print.
 *
 * <p><b>Threat.</b> A token's secret in a terminal's history, a log or a file others can read.
 *
 * <p><b>Refuses.</b> To print a secret to standard output when it goes into a file, and to write a
 * kubeconfig that others can read.
 */
@NullMarked
package dev.countersign.cli.token;

import org.jspecify.annotations.NullMarked;
