/**
 * Text that others chose, made safe to show, and words that a person may have meant.
 *
 * <p><b>Threat.</b> A name or an annotation that forges a line of a log, moves the cursor of a
 * terminal or imitates another name.
 *
 * <p><b>Does not belong here.</b> Formats of files and the wording of messages.
 */
@NullMarked
package dev.countersign.common.text;

import org.jspecify.annotations.NullMarked;
