/**
 * The commands of {@code countersign image}: parse, call the image module, print.
 *
 * <p>Threat: none of its own; what is checked is checked in the image module.
 *
 * <p>Refused: words that are no mirror, tag or reference, before anything is fetched or written.
 */
@NullMarked
package dev.countersign.cli.image;

import org.jspecify.annotations.NullMarked;
