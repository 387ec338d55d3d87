/**
 * {@code countersign node}: parse, call {@code cluster}, print.
 *
 * <p><b>Threat.</b> A node that is drained or deleted by a slip; a check that says nothing and is
 * taken for good.
 *
 * <p><b>Refuses.</b> To act on all nodes where none is named, unless {@code --all} says so, and to
 * exit with status 0 where a check found something.
 */
@NullMarked
package dev.countersign.cli.node;

import org.jspecify.annotations.NullMarked;
