/**
 * The command line: picocli commands that parse, call one module, and print.
 *
 * <p>The contract that scripts depend on: results on standard output, diagnostics and progress on
 * standard error; exit status 0 done, 1 the environment or we are at fault, 2 the words of the call
 * are off, 3 the verdict was not "approve" or a check found something ({@link
 * dev.countersign.common.command.ExitStatus}). A command lives in the package of its group and is
 * registered in its group's parent; nothing else needs to know of it.
 *
 * <p>Threat: text of certificate requests is written by attackers. Whatever is printed passes
 * through {@link dev.countersign.cli.terminal.Console}, which strips control characters.
 */
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
