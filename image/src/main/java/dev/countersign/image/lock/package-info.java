/**
 * From a spec to a lock: what a build will read, decided once and written down by digest.
 *
 * <p>Threat: an archive or a download server that serves something else to us than to everybody, or
 * something older.
 *
 * <p>Refused: archives without a trusted signature, releases older than those of the lock that is
 * replaced, packages that exclude each other.
 */
@NullMarked
package dev.countersign.image.lock;

import org.jspecify.annotations.NullMarked;
