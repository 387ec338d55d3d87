/**
 * The only input and output of this module: files that appear whole or not at all.
 *
 * <p><b>Threat.</b> A half-written key after a crash; a secret that is readable by everyone for the
 * moment between its creation and its {@code chmod}.
 *
 * <p><b>Refuses.</b> To follow a symbolic link at the target and to create secrets in folders that
 * others may write.
 */
@NullMarked
package dev.countersign.x509.file;

import org.jspecify.annotations.NullMarked;
