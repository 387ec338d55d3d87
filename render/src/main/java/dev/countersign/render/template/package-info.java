/**
 * Texts with named places, filled in strictly.
 *
 * <p><b>Threat.</b> A value that ends its line, its quotes or its list, and goes on as something
 * else in a manifest or a unit file.
 *
 * <p><b>Refuses.</b> Places without a value, values without a place, values of several lines
 * anywhere but alone on a line.
 */
@NullMarked
package dev.countersign.render.template;

import org.jspecify.annotations.NullMarked;
