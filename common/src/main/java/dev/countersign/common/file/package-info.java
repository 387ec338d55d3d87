/**
 * Files that appear whole or not at all.
 *
 * <p><b>Threat.</b> A half-written key after a crash; a secret that is readable by everyone for the
 * moment between its creation and its {@code chmod}.
 *
 * <p><b>Refuses.</b> To write through a symbolic link, and to leave a half-written file behind.
 *
 * <p><b>Does not belong here.</b> What a file holds.
 */
@NullMarked
package dev.countersign.common.file;

import org.jspecify.annotations.NullMarked;
