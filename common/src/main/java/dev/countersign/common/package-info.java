/**
 * What every module needs once: bytes and the outcome of reading what others wrote. Packages below
 * hold text for people, secrets, files, names and addresses, and documents.
 *
 * <p><b>Belongs here.</b> A concept that two modules share and that knows nothing of certificates,
 * Kubernetes or images.
 *
 * <p><b>Does not belong here.</b> Helpers of one module, and anything that reads a clock, the
 * environment or the network. Only {@link dev.countersign.common.file} touches the disk.
 */
@NullMarked
package dev.countersign.common;

import org.jspecify.annotations.NullMarked;
