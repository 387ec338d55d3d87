/**
 * {@code countersign render}: reads a spec and an earlier rendering, writes or compares a new one.
 *
 * <p><b>Threat.</b> A key that is shown, half-written or replaced by the way.
 *
 * <p><b>Refuses.</b> To write anything where one file cannot be kept, and secrets to standard
 * output.
 */
@NullMarked
package dev.countersign.cli.render;

import org.jspecify.annotations.NullMarked;
