/**
 * The strict reader of YAML and JSON. Text in, values or all errors out, each with its path, what
 * is there, what must be there and what was probably meant.
 *
 * <p><b>Threat.</b> A misspelt field that is silently ignored leaves a door open that its author
 * believes shut; a text that is short to write and long to read stops the program.
 *
 * <p><b>Refuses.</b> Unknown and duplicate fields, aliases, values of the wrong type, and texts
 * that are too long.
 *
 * <p><b>Does not belong here.</b> What the fields of one kind of file mean: each kind has a reader
 * in the module that owns it.
 */
@NullMarked
package dev.countersign.common.document;

import org.jspecify.annotations.NullMarked;
