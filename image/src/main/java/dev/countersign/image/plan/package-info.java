/**
 * What an image is made of, as data: the spec people write and the lock that builds read.
 *
 * <p>Threat: a lock or spec that means something else than what its reviewer saw.
 *
 * <p>Refused: unknown keys, an altered lock, names and digests that do not parse.
 */
@NullMarked
package dev.countersign.image.plan;

import org.jspecify.annotations.NullMarked;
