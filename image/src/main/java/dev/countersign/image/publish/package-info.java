/**
 * Registries: push in an order in which no tag ever points to something incomplete, read back.
 *
 * <p>Threat: a registry that fails half-way, serves other content, or sends credentials elsewhere.
 *
 * <p>Refused: content of another digest, plain HTTP unless asked for, credentials for another host.
 */
@NullMarked
package dev.countersign.image.publish;

import org.jspecify.annotations.NullMarked;
