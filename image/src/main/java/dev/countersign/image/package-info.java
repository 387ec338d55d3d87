/**
 * Lock, assemble and publish OCI images without a container engine.
 *
 * <p>Purpose: anybody rebuilds the images this project ships bit for bit, on any machine, and
 * checks what a registry serves against what the lock says it must be.
 *
 * <p>Threat: a mirror, a download server, a cache directory or a registry that serves something
 * else than what was reviewed.
 *
 * <p>Refused: any byte that is not covered by a digest in the lock, and any lock whose archive was
 * not signed by a key of the keyring.
 */
@NullMarked
package dev.countersign.image;

import org.jspecify.annotations.NullMarked;
