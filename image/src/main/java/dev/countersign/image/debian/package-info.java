/**
 * A Debian archive read without apt: signatures, indexes, versions, dependencies, packages.
 *
 * <p>Threat: a mirror, or anybody between it and us, that serves altered, stale or rolled-back
 * content.
 *
 * <p>Refused: archives no trusted key signed, expired or older releases, indexes and packages of
 * another digest.
 */
@NullMarked
package dev.countersign.image.debian;

import org.jspecify.annotations.NullMarked;
